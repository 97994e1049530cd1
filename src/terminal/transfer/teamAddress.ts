import { parseServerUrl } from '../../bridge/remote/serverUrl.ts';

/** The addresses of a team's server. */
export interface TeamAddress {
  /** Where it answers MCP: what its tokens are for. */
  readonly mcp: URL;
  /** Where it takes over records. */
  readonly import: URL;
}

/**
 * The addresses of the team's server that a person names, with or without the `/mcp` at its end.
 * @throws OmnispindleError `invalid_settings` where a token would travel in the clear, or the address is wrong
 * @example
 * import { teamAddress } from './teamAddress.ts';
 *
 * teamAddress('https://todos.example.com').import.href; // 'https://todos.example.com/import'
 */
export function teamAddress(text: string): TeamAddress {
  const { origin, pathname } = parseServerUrl(text);
  const base = pathname.replace(/\/+$/, '').replace(/\/mcp$/, '');
  return { mcp: new URL(`${base}/mcp`, origin), import: new URL(`${base}/import`, origin) };
}
