/** Gives turns at what takes a whole processor. */
interface Turns {
  /**
   * Waits for a turn of this account.
   * @returns what ends the turn; undefined where too many of this account wait already
   */
  take(account: string): Promise<(() => void) | undefined>;
}

/**
 * Lets so many have a turn at a time, and one of each account, in the order they came: nobody waits for more than one
 * turn of anybody else's.
 * @param atATime how many have a turn at a time
 * @param waitingOfEach how many of one account may wait
 */
export function createTurns(atATime: number, waitingOfEach: number): Turns {
  const queue: { readonly account: string; readonly begin: () => void }[] = [];
  const having = new Set<string>();

  function next(): void {
    while (having.size < atATime) {
      const i = queue.findIndex(({ account }) => !having.has(account));
      const [first] = i < 0 ? [] : queue.splice(i, 1);
      if (!first) return;
      having.add(first.account);
      first.begin();
    }
  }

  return {
    async take(account) {
      if (queue.filter(waiting => waiting.account === account).length >= waitingOfEach) return undefined;
      await new Promise<void>(begin => {
        queue.push({ account, begin });
        next();
      });
      return () => {
        having.delete(account);
        next();
      };
    },
  };
}
