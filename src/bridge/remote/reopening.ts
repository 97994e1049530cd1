import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../common/log.ts';
import { detachable, type Detachable } from '../../sessions/detachable.ts';
import type { Call } from './call.ts';
import { explain } from './explain.ts';

/** For whom something is sent. */
export type Need = Pick<Call, 'waiting' | 'unattended'>;

/** The session that may have to be begun again. */
export interface ReopeningOptions {
  readonly url: URL;
  readonly log: Log;
  isBegun(): boolean;
  /** Begins a new session. @throws Error, for `explain`, where there is none */
  beginAgain(need: Need): Promise<void>;
}

/** A session that lasted so long (ms) was worth beginning. */
const soundFor = 10_000;
/** How many sessions in a row that were lost sooner are begun again where nobody waits. */
const mostLosses = 5;
/** How long (ms) that waits at first. */
const firstPause = 100;

/** Sees to it that a session that was lost is begun again: when the next call needs it, or by itself after a pause. */
export function createReopening({ url, log, isBegun, beginAgain }: ReopeningOptions) {
  /** New sessions that are being begun: for whoever waits, and where nobody does. */
  const pending = new Map<'attended' | 'unattended', Detachable<void>>();
  let lossesInARow = 0;

  /** Begins a new session, one for all who need it; it goes on without a caller who stops waiting. */
  async function reopen({ waiting, unattended }: Need = {}): Promise<void> {
    const name = unattended && !pending.has('attended') ? 'unattended' : 'attended';
    try {
      await detachable(pending, name, waiting ?? {}, async onProgress => {
        if (name === 'unattended') return isBegun() ? undefined : beginAgain({ unattended: true });
        // Where nobody waits no token is renewed: what failed there may succeed here.
        await pending.get('unattended')?.result.catch(() => undefined);
        if (!isBegun()) await beginAgain({ waiting: { onProgress, stop: () => undefined } });
      });
    } finally {
      waiting?.stop();
    }
  }

  async function reopenAfter(wait: number): Promise<void> {
    try {
      await delay(wait, undefined, { ref: false });
      if (!isBegun()) await reopen({ unattended: true });
    } catch (error) {
      log.warn(explain(error, url));
    }
  }

  return {
    reopen,
    /**
     * Notes that the server has ended a session, which is begun again where nobody waits.
     * @param lasted how long (ms) it was there
     */
    noteLoss(lasted: number): void {
      lossesInARow = lasted > soundFor ? 1 : lossesInARow + 1;
      if (lossesInARow <= mostLosses) void reopenAfter(firstPause * 2 ** (lossesInARow - 1));
      else log.debug('Each session is lost at once; the next call begins another one.');
    },
  };
}
