import { isOmnispindleError } from '../../common/errors.ts';
import { RedirectError } from './redirect.ts';
import { RemoteError } from './refusal.ts';

/** That what answered does not speak the Streamable HTTP transport. */
export class NotStreamableError extends Error {
  override readonly name = 'NotStreamableError';
}

/** That a server does not speak the HTTP+SSE transport. */
export class NoEndpointError extends Error {
  override readonly name = 'NoEndpointError';
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
