import type { RemoteOptions, RemoteTransport } from './transport.ts';

/** Streamable HTTP, or the HTTP+SSE of revision 2024-11-05. */
export type TransportName = 'http' | 'sse';

/** Which transports are tried, in order: Streamable HTTP, and the HTTP+SSE that it replaced. */
export const transportsOf = {
  'http-first': ['http', 'sse'],
  'sse-first': ['sse', 'http'],
  'http-only': ['http'],
  'sse-only': ['sse'],
} as const satisfies Record<string, readonly TransportName[]>;

/** A value of `connect --transport`. */
export type TransportStrategy = keyof typeof transportsOf;

/** What makes that transport; the code of the other one is not loaded. */
export async function loadTransport(
  name: TransportName,
): Promise<(options: RemoteOptions) => RemoteTransport> {
  return name === 'http'
    ? (await import('./streamableHttp.ts')).createStreamableHttp
    : (await import('./legacySse.ts')).createLegacySse;
}
