/** A session that lasted so long (ms) was worth beginning. */
const soundFor = 10_000;
/** How many sessions in a row that were lost sooner are begun again where nobody waits. */
const mostLosses = 5;
/** How long (ms) that waits at first. */
const firstPause = 100;

/** Keeps count of sessions that are lost as soon as they are begun. */
export function createLosses() {
  let inARow = 0;
  return {
    /**
     * Notes that a session was lost.
     * @param lasted how long (ms) it was there
     * @returns how long (ms) to wait before the next; undefined where only somebody who waits may begin it
     */
    note(lasted: number): number | undefined {
      inARow = lasted > soundFor ? 1 : inARow + 1;
      return inARow > mostLosses ? undefined : firstPause * 2 ** (inARow - 1);
    },
  };
}
