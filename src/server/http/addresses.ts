import { cors } from 'hono/cors';
import * as l10n from '@vscode/l10n';
import { isLoopbackHost } from '../../auth/tenant.ts';
import { plainLine } from '../../common/plainText.ts';
import { refuse } from './answers.ts';
import type { HttpStep } from './environment.ts';

/** By which names this server is called, and whose pages may call it. */
export interface Addresses {
  readonly publicUrl: URL;
  /** Further host names, without a port. */
  readonly allowedHosts: readonly string[];
  /** Further origins, `https://host[:port]`. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Refuses a request that came under a name that is not ours: a page whose name leads to this address meanwhile (DNS
 * rebinding; MCP specification, "Security Warning" of Streamable HTTP).
 */
export function requireKnownHost({ publicUrl, allowedHosts }: Addresses): HttpStep {
  const known = new Set([publicUrl.hostname, ...allowedHosts].map(host => host.toLowerCase()));

  return async function knownHost(context, next) {
    const given = authorityIn(context.env?.incoming?.url) ?? context.req.header('host') ?? '';
    // Several come joined; whoever stands in front may have believed another one than we would (RFC 9112 section 3.2).
    if (given.includes(',')) return refuse(400, 'Send one "Host".');
    const host = URL.parse(`http://${given}`);
    // Who puts a name and a password, or a path, before or after a host, means to be misread.
    const isHost = host?.pathname === '/' && !/[/?#@\s\\]/.test(given);
    if (!isHost || !(isLoopbackHost(host.hostname) || known.has(host.hostname))) {
      return refuse(
        403,
        l10n.t(
          'This server does not answer to the name "{0}". Whoever runs it can allow it: --allow-host.',
          plainLine(given, 100),
        ),
      );
    }
    await next();
    return undefined;
  };
}

/** The host in a request's target, which counts instead of the header where it is there (RFC 9112 section 3.2.2). */
function authorityIn(target: string | undefined): string | undefined {
  return target?.startsWith('/') === false ? /^https?:\/\/([^/?#]*)/i.exec(target)?.[1] : undefined;
}

/** What a page of a client's may read of an answer, besides its body. */
const exposed = ['WWW-Authenticate', 'Mcp-Session-Id', 'MCP-Protocol-Version', 'Retry-After'];

/**
 * Refuses pages of other origins, and answers the browser's question for those that may call (CORS): this server's own,
 * those that were named, and any of the person's own machine, as the MCP Inspector's is. Cookies are never allowed.
 */
export function requireKnownOrigin({ publicUrl, allowedOrigins }: Addresses): HttpStep {
  const known = new Set([publicUrl.origin, ...allowedOrigins]);
  const share = cors({
    origin: origin => origin,
    allowMethods: ['POST'],
    exposeHeaders: exposed,
    maxAge: 600,
  });

  return async function knownOrigin(context, next) {
    const given = context.req.header('origin');
    if (given === undefined) {
      await next();
      return undefined;
    }
    const origin = URL.parse(given);
    const isOrigin = origin !== null && origin.origin === given;
    const isLocal = isOrigin && /^https?:$/.test(origin.protocol) && isLoopbackHost(origin.hostname);
    if (!isOrigin || !(isLocal || known.has(given))) {
      return refuse(
        403,
        l10n.t(
          'Pages of {0} may not call this server. Whoever runs it can allow it: --allow-origin.',
          plainLine(given, 100),
        ),
      );
    }
    return share(context, next);
  };
}
