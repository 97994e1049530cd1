import { RemoteError } from './refusal.ts';
import { NoEndpointError, type Remote, type RemoteOptions } from './remote.ts';

export type TransportName = 'http' | 'sse';

/** Which transports are tried, in order: Streamable HTTP, and the HTTP+SSE that it replaced. */
export const transportsOf = {
  'http-first': ['http', 'sse'],
  'sse-first': ['sse', 'http'],
  'http-only': ['http'],
  'sse-only': ['sse'],
} as const satisfies Record<string, readonly TransportName[]>;

export type TransportStrategy = keyof typeof transportsOf;

/** What begins a session by that transport; the code of the other one is not loaded. */
export async function loadTransport(name: TransportName): Promise<(options: RemoteOptions) => Remote> {
  return name === 'http'
    ? (await import('./streamableHttp.ts')).streamableHttp
    : (await import('./legacySse.ts')).legacySse;
}

/** Whether the server may speak the other transport (MCP specification, "Backwards compatibility"). */
export function isOtherTransport(error: unknown): boolean {
  if (error instanceof RemoteError) return [400, 404, 405].includes(error.status);
  return error instanceof NoEndpointError;
}
