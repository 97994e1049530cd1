import type { Readable } from 'node:stream';

/** Longest message, event, line or body (bytes) that is passed on. */
export const longestMessage = 32 * 1024 * 1024;
/** What all that has not ended yet may hold in memory (bytes); beyond it, the oldest is read on first. */
const mostHeld = 2 * longestMessage;

/** That something of the server's is longer than {@link longestMessage}. */
export class TooLongError extends Error {
  override readonly name = 'TooLongError';

  constructor() {
    super('A message of more than 32 MB came.');
  }
}

/** What one stream of the server's holds until it is whole. */
interface Held {
  /** Notes that more came. @returns whether it is still no longer than it may be */
  take(bytes: number): boolean;
  /** Notes that what came was passed on. */
  release(): void;
  /** Lets the stream wait where the client does not read. */
  settle(): void;
}

/** How much of what the server sends is read at once. */
export interface Intake {
  /** Watches over a stream until it is closed. */
  watch(stream: Readable): Held;
  /** Reads on where streams had to wait. */
  wake(): void;
}

/**
 * Reads from the server no more than the client takes: while the client does not read, every stream waits, and the
 * server with it.
 * @param isFull whether the client's end takes no more for now; `wake` is to be called when it does again
 */
export function createIntake(isFull: () => boolean): Intake {
  let total = 0;
  /** Who holds something, in the order they began. */
  const holding = new Set<Held>();
  const waiting = new Map<Held, Readable>();

  function mustWait(held: Held): boolean {
    if (isFull()) return true;
    return total > mostHeld && holding.values().next().value !== held;
  }

  function wake(): void {
    for (const [held, stream] of waiting) {
      if (mustWait(held)) continue;
      waiting.delete(held);
      stream.resume();
    }
  }

  return {
    wake,
    watch(stream) {
      let bytes = 0;
      const held: Held = {
        take(more) {
          bytes += more;
          total += more;
          holding.add(held);
          return bytes <= longestMessage;
        },
        release() {
          if (bytes === 0) return;
          const wasMuch = total > mostHeld;
          total -= bytes;
          bytes = 0;
          holding.delete(held);
          if (wasMuch) wake();
        },
        settle() {
          if (!mustWait(held)) return;
          stream.pause();
          waiting.set(held, stream);
        },
      };
      stream.once('close', () => {
        waiting.delete(held);
        held.release();
      });
      return held;
    },
  };
}
