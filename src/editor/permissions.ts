import type { Waiting } from '../broker/allowed.ts';
import { createRefusals } from '../common/refusals.ts';
import { detachable, type Detachable } from '../sessions/detachable.ts';
import { needsPerson } from '../sessions/silentRequest.ts';
import { waitsForAnswer } from './waitsForAnswer.ts';

/**
 * Whether the person lets something happen: `ask` asks them, once however many requests wait, and not for five minutes
 * after a no. Whoever asks remembers the yes.
 * @param key what it is about
 * @throws AuthError `login_required` where nobody may be asked, `cancelled` where the request waits no longer
 */
export type MayHappen = (key: string, waiting: Waiting, ask: () => Promise<boolean>) => Promise<boolean>;

/** Builds it for one kind of questions. */
export function createPermissions(): MayHappen {
  const pending = new Map<string, Detachable<boolean>>();
  const refusals = createRefusals();
  return async (key, waiting, ask) => {
    if (waiting.silent) throw needsPerson();
    if (refusals.has(key)) return false;
    return detachable(pending, key, waiting, async onProgress => {
      onProgress(waitsForAnswer());
      const isAllowed = await ask();
      if (!isAllowed) refusals.add(key);
      return isAllowed;
    });
  };
}
