import { StringDecoder } from 'node:string_decoder';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Answer } from './decoding.ts';
import { TooLongError, type Intake } from '../../mcp/intake.ts';

/** What hears the events of a stream (HTML Standard, "Server-sent events"). */
export interface EventReader {
  readonly intake: Intake;
  /** Must not throw: nobody would catch it. */
  onEvent(event: EventSourceMessage): void;
  /** Hears how long (ms) to wait before reading on. */
  onRetry?(milliseconds: number): void;
}

/** Shortest wait (ms) that a server may ask for. */
const shortestRetry = 250;

/**
 * Reads server-sent events (HTML standard, "Server-sent events") until the stream ends, in whatever way.
 * @throws TooLongError
 * @throws UnreadableError where it is not in the encoding it is said to be in
 */
export function readEvents(response: Answer, { intake, onEvent, onRetry }: EventReader): Promise<void> {
  const held = intake.watch(response);
  const decoder = new StringDecoder('utf8');
  const parser = createParser({
    onEvent(event) {
      held.release();
      onEvent(event);
    },
    onRetry(milliseconds) {
      onRetry?.(Math.max(milliseconds, shortestRetry));
    },
  });
  return new Promise((resolve, reject) => {
    response.on('data', (chunk: Buffer) => {
      const text = decoder.write(chunk);
      // After the parser, which passes on what the chunk ends.
      const isShort = held.take(chunk.length);
      parser.feed(text);
      // What ends in an empty line leaves nothing behind, also where it was no event.
      if (text.endsWith('\n\n')) held.release();
      if (isShort) {
        held.settle();
      } else {
        reject(new TooLongError());
        response.destroy();
      }
    });
    response.once('close', () => {
      if (response.unreadable) reject(response.unreadable);
      else resolve();
    });
  });
}

/** Whether the body is server-sent events. */
export function isEventStream({ headers }: Pick<Answer, 'headers'>): boolean {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase() === 'text/event-stream';
}
