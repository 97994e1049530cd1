import { isOmnispindleError } from '../../common/errors.ts';
import { RedirectError } from './redirect.ts';
import { RemoteError } from './refusal.ts';
import { NoEndpointError, NotStreamableError, type Remote, type RemoteOptions } from './remote.ts';

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

/** What begins a session by that transport; the code of the other one is not loaded. */
export async function loadTransport(name: TransportName): Promise<(options: RemoteOptions) => Remote> {
  return name === 'http'
    ? (await import('./streamableHttp.ts')).streamableHttp
    : (await import('./legacySse.ts')).legacySse;
}

/** Refusals that say nothing of the transport: a proxy, a limit, or a server that is away for a moment. */
const elsewhere = new Set([407, 408, 425, 429]);

/**
 * Whether the server may speak the other transport (MCP specification, "Backwards compatibility"): servers, and what
 * stands before them, refuse in many ways what they do not know.
 */
export function isOtherTransport(error: unknown): boolean {
  if (error instanceof RemoteError) return error.status <= 501 && !elsewhere.has(error.status);
  // The token is blamed only where neither transport takes it.
  if (isOmnispindleError(error, 'invalid_token')) return true;
  return (
    error instanceof NoEndpointError || error instanceof NotStreamableError || error instanceof RedirectError
  );
}
