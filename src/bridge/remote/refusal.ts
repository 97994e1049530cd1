import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './decoding.ts';
import { isEventStream } from './eventStream.ts';
import { retryAfter } from './retryAfter.ts';

/** Longest part (bytes) of a refusal, or of a body that nobody reads, that is waited for. */
const refusalLimit = 64 * 1024;
/** How long (ms) such a body may take, where nobody says otherwise. */
const usualTime = 5_000;

/** That a server refused a request. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly status: number;
  readonly body: string;
  /** How it wants to be spoken to. */
  readonly challenges: string | undefined;
  /** How long (ms) it wants us to wait. */
  readonly retryAfter: number | undefined;

  constructor(status: number, body: string, headers: IncomingHttpHeaders = {}) {
    super(`The server answered with status ${String(status)}.`);
    this.status = status;
    this.body = body;
    this.challenges = headers['www-authenticate'];
    this.retryAfter = retryAfter(headers);
  }
}

/** That a server refused the token, and that there is no other one to try. */
export class OnlyTokenRefusedError extends RemoteError {}

/**
 * Reads why the server refused: as much of it as counts.
 * @param time how long (ms) the body may take; what has come by then counts
 */
export async function refusal(response: Answer, time?: number): Promise<RemoteError> {
  const body = await beginningOf(response, time);
  return new RemoteError(response.statusCode ?? 0, response.unreadable ? '' : body, response.headers);
}

/**
 * Lets a body go by that nobody reads; one without an end is broken off.
 * @param time how long (ms) it may take
 */
export function discard(response: Answer, time = usualTime): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > refusalLimit) response.destroy();
  });
  if (response.complete) return;
  const timer = setTimeout(() => response.destroy(), time).unref();
  response.once('close', () => {
    clearTimeout(timer);
  });
}

function beginningOf(response: Answer, time?: number): Promise<string> {
  const chunks: Buffer[] = [];
  const isStream = isEventStream(response);
  return new Promise(resolve => {
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      // A stream may stay open after what it says.
      if (isStream && /\n\r?\n/.test(chunk.toString())) response.destroy();
    });
    response.once('close', () => {
      resolve(Buffer.concat(chunks).subarray(0, refusalLimit).toString());
    });
    discard(response, time);
  });
}

/** Whether the server took the request. */
export function isTaken({ statusCode = 0 }: Answer): boolean {
  return statusCode >= 200 && statusCode < 300;
}
