import { checkResourceAllowed } from '@modelcontextprotocol/server';

/** Which API this server's tokens are for, and what it says of that. */
export interface Resource {
  /** What a token's `aud` must name. */
  readonly audience: string;
  /** What clients ask the tenant for (RFC 8707), as the metadata has it (RFC 9728 section 2). */
  readonly resource: string;
}

/**
 * The API of a server: what the operator has configured, else the server's own address. A client refuses metadata that
 * name a resource of another origin or path; so a configured identifier is declared only where it covers the address.
 * Where it does not, the address is declared all the same: then the tenant must give tokens for the identifier to
 * whoever asks for the address, by its default audience for example, or people name it to their client.
 * @param configured the API's identifier, as it is at the tenant
 */
export function resourceFor(mcpUrl: URL, configured: string | undefined): Resource {
  const own = mcpUrl.href;
  if (configured === undefined) return { audience: own, resource: own };
  return { audience: configured, resource: isCovering(configured, mcpUrl) ? configured : own };
}

function isCovering(identifier: string, mcpUrl: URL): boolean {
  const named = URL.parse(identifier);
  if (!named || !/^https?:$/.test(named.protocol) || named.username || named.password || named.hash) {
    return false;
  }
  return checkResourceAllowed({ requestedResource: mcpUrl, configuredResource: named });
}
