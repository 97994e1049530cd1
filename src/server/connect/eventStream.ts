import type { IncomingMessage } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** Reads server-sent events until the stream ends, in whatever way. @param onRetry hears how long (ms) to wait before reading on */
export function readEvents(
  response: IncomingMessage,
  onEvent: (event: EventSourceMessage) => void,
  onRetry?: (milliseconds: number) => void,
): Promise<void> {
  const parser = createParser({ onEvent, ...(onRetry && { onRetry }) });
  response.setEncoding('utf8').on('data', (chunk: string) => {
    parser.feed(chunk);
  });
  return new Promise(resolve => {
    response.once('close', resolve);
  });
}

/** Whether the body is server-sent events. */
export function isEventStream({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase() === 'text/event-stream';
}
