import { looksLocked, tryLock, type Release } from '../platform/lock.ts';
import type { Log } from '../common/log.ts';

/** The right to do shared work. */
export interface Turn {
  /** Lets another process of the caller's choice take the right. */
  handOver(): Promise<void>;
  end(): Promise<void>;
}

/** Which work it is, and who will do it. */
export interface TurnRequest {
  readonly directory: string;
  readonly name: string;
  readonly log: Log;
  /** Whether another process is to do the work. */
  readonly handsOver: boolean;
  /** How long (ms) after the end of a process that was killed its right counts as given up; the lock's where absent. */
  readonly staleAfter?: number | undefined;
}

/**
 * Takes the right to do the work of that name. Who hands it over takes one more lock first, and keeps it until the
 * other process is at work: in between, no waiting process may choose a second one.
 * @returns undefined while somebody else has it
 * @throws OmnispindleError `storage_failed`
 */
export async function takeTurn(request: TurnRequest): Promise<Turn | undefined> {
  const { directory, name, log, handsOver, staleAfter } = request;
  let beginning: Release | undefined;
  if (handsOver) {
    if (await looksLocked(directory, name, staleAfter)) return undefined;
    beginning = await tryLock(directory, `${name}.begin`, log, staleAfter);
    if (!beginning) return undefined;
  }
  const handOver = await tryLock(directory, name, log, staleAfter).catch(async (error: unknown) => {
    await beginning?.();
    throw error;
  });
  if (!handOver) {
    await beginning?.();
    return undefined;
  }
  return {
    handOver,
    async end() {
      await handOver();
      await beginning?.();
    },
  };
}
