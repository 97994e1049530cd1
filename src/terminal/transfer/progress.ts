import { setImmediate as turn } from 'node:timers/promises';
import { sayOnStderr } from '../sayOnStderr.ts';

/** How often (ms) it is said how far long work is. */
const interval = 3_000;

/** Long work, step by step. */
export interface Steps {
  /**
   * Lets signals through after a step, and says how far the work is, now and then.
   * @throws what the signal was aborted with
   */
  step(done: number): Promise<void>;
}

/** @param wordsFor what is said on stderr */
export function stepsOf(signal: AbortSignal, wordsFor: (done: string) => string): Steps {
  let saidAt = Date.now();
  return {
    async step(done) {
      // The store answers within the turn: no signal would ever be heard.
      await turn();
      signal.throwIfAborted();
      if (Date.now() - saidAt < interval) return;
      saidAt = Date.now();
      sayOnStderr(wordsFor(String(done)));
    },
  };
}
