import type { IncomingMessage } from 'node:http';

/** Longest part (bytes) of a refusal, or of a body that nobody reads, that is waited for. */
const refusalLimit = 64 * 1024;
/** How long (ms) such a body may take. */
const refusalTime = 5_000;

/** That a server refused a request. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly status: number;
  readonly body: string;

  constructor(status: number, body: string) {
    super(`The server answered with status ${String(status)}.`);
    this.status = status;
    this.body = body;
  }
}

/** That a server refused the token, and that there is no other one to try. */
export class OnlyTokenRefusedError extends RemoteError {}

/** Reads why the server refused: as much of it as counts, and no longer than it may take. */
export async function refusal(response: IncomingMessage): Promise<RemoteError> {
  return new RemoteError(response.statusCode ?? 0, await beginningOf(response));
}

/** Lets a body go by that nobody reads; one without an end is broken off. */
export function discard(response: IncomingMessage): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > refusalLimit) response.destroy();
  });
  if (response.complete) return;
  const timer = setTimeout(() => response.destroy(), refusalTime).unref();
  response.once('close', () => {
    clearTimeout(timer);
  });
}

function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  return new Promise(resolve => {
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.once('close', () => {
      resolve(Buffer.concat(chunks).subarray(0, refusalLimit).toString());
    });
    discard(response);
  });
}

/** Whether the server does not know the session: 404 by the specification, 400 by the SDK's own examples. */
export function isSessionUnknown(error: unknown): boolean {
  if (!(error instanceof RemoteError)) return false;
  return error.status === 404 || (error.status === 400 && /\bsession\b/i.test(error.body));
}

/** Whether the server took the request. */
export function isTaken({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}
