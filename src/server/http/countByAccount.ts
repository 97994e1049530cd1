import { accountKey, type Caller } from '../authenticate.ts';

/**
 * Counts what each account has under way at a time.
 * @param most how many that may be
 * @returns what begins one: it gives what ends it, or undefined where the account has too many
 */
export function countByAccount(most: number): (caller: Caller) => (() => void) | undefined {
  const counts = new Map<string, number>();
  return caller => {
    const account = accountKey(caller);
    const before = counts.get(account) ?? 0;
    if (before >= most) return undefined;
    counts.set(account, before + 1);
    return () => {
      const left = (counts.get(account) ?? 1) - 1;
      if (left > 0) counts.set(account, left);
      else counts.delete(account);
    };
  };
}
