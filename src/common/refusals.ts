/** How long (ms) a person’s answer keeps the same question from being asked again. */
const countsFor = 300_000;
/** How many are remembered, the last ones. */
const mostRefusals = 64;

/**
 * To what a person said no: they are not asked again at once, however often something asks for it. Who asks silently
 * hears `login_required` whatever the person said, so that it makes no difference to them when the no stops to count.
 */
export interface Refusals {
  /** Whether the person said no to that less than five minutes ago. */
  has(key: string): boolean;
  add(key: string): void;
  /** Takes one back, or all: the person has done what they had said no to, or wants to be asked again. */
  forget(key?: string): void;
}

/** Remembers, in this process, to what a person said no. */
export function createRefusals(): Refusals {
  const refusedAt = new Map<string, number>();
  return {
    has: key => isRecentAnswer(refusedAt.get(key)),
    add(key) {
      refusedAt.delete(key);
      refusedAt.set(key, Date.now());
      if (refusedAt.size > mostRefusals) refusedAt.delete(refusedAt.keys().next().value ?? '');
    },
    forget(key) {
      if (key === undefined) refusedAt.clear();
      else refusedAt.delete(key);
    },
  };
}

/** Whether an answer of that time (ms since the epoch) still counts. One that is yet to come is of a clock that was set back. */
export function isRecentAnswer(at: number | undefined): boolean {
  const age = Date.now() - (at ?? -Infinity);
  return age >= 0 && age < countsFor;
}
