import { setTimeout as delay } from 'node:timers/promises';
import { isOmnispindleError } from '../../common/errors.ts';
import type { Answer } from './decoding.ts';
import { readEvents } from './eventStream.ts';
import type { RemoteLimits } from './limits.ts';
import type { Intake } from '../../mcp/intake.ts';
import { parseMessages, type Message } from '../../mcp/message.ts';
import { RemoteError } from './refusal.ts';

/** How far a stream was read, over all its connections. */
export interface Position {
  lastEventId?: string | undefined;
  /** How long (ms) the server wants us to wait before we read on. */
  retry?: number;
  /** How many connections in a row ended soon and brought nothing. */
  fruitless: number;
}

/** What hears what a stream brings. */
export interface ReadOptions {
  readonly intake: Intake;
  readonly limits: Pick<RemoteLimits, 'longestRetry'>;
  /** Must not throw: nobody would catch it. */
  onMessage(message: Message): void;
  /** What came is not a message. */
  onNonsense(error: unknown): void;
  /** It is a stream of the HTTP+SSE transport, which begins like that. */
  onEndpoint?(): void;
}

/** A connection that lasted so long (ms) is no fault, however silent it was; nor is a longer pause of use. */
export const longestPause = 10_000;
/** How often in a row a stream may be opened for nothing. */
const mostFruitless = 5;
/** An id that can be sent back as a header; the bytes of other scripts are, too (RFC 9110 section 5.5). */
const sendableId = /^[\t\x20-\x7e\x80-\xff]{1,1024}$/;

/**
 * Reads a stream's next connection to its end, and notes how far that was.
 * @returns what was wrong with it: undefined where it just ended
 */
export async function readOn(
  response: Answer,
  position: Position,
  { intake, limits, onMessage, onNonsense, onEndpoint }: ReadOptions,
): Promise<unknown> {
  const began = Date.now();
  let hasBrought = false;
  const why = await readEvents(response, {
    intake,
    onEvent({ id, event = 'message', data }) {
      if (id) hasBrought = moveTo(position, id) || hasBrought;
      if (event === 'endpoint') onEndpoint?.();
      // An event without data only says where to read on.
      if (event !== 'message' || data === '') return;
      try {
        for (const message of parseMessages(data)) {
          hasBrought = true;
          onMessage(message);
        }
      } catch (error) {
        onNonsense(error);
      }
    },
    onRetry(milliseconds) {
      position.retry = Math.min(milliseconds, limits.longestRetry);
    },
  }).catch((error: unknown) => error);
  position.fruitless = hasBrought || Date.now() - began > longestPause ? 0 : position.fruitless + 1;
  return why;
}

/** Whether the stream was opened again and again without an event. */
export function isFruitless({ fruitless }: Position): boolean {
  return fruitless >= mostFruitless;
}

/** Waits before the next connection, as long as the server wants, else longer each time. */
export async function pause({ retry }: Position, tries: number, signal: AbortSignal): Promise<void> {
  const wait = retry ?? Math.min(longestPause, 250 * 1.5 ** tries);
  await delay(wait, undefined, { signal }).catch(() => undefined);
}

/** @returns whether that is further on */
function moveTo(position: Position, id: string): boolean {
  const bytes = Buffer.from(id).toString('latin1');
  const before = position.lastEventId;
  // Where the server cannot be told how far it was, it cannot be read on either.
  position.lastEventId = sendableId.test(bytes) ? bytes : undefined;
  return position.lastEventId !== before;
}

/** Whether asking again is of no use. */
export function isFinal(error: unknown): boolean {
  if (error === undefined) return false;
  if (error instanceof RemoteError) {
    return (error.status < 500 && error.status !== 429) || error.status === 501;
  }
  return isOmnispindleError(error) || !(error instanceof Error && 'code' in error);
}
