import type { TokenSource } from '../../sessions/tokenSource.ts';
import { explain } from './explain.ts';

/** Tells whoever gives the tokens, and shows the person what servers do, when a server is out of reach, and when it is back. */
export function createReachability(url: URL, report: TokenSource['report']) {
  let isAway = false;
  return {
    lost(error: unknown): void {
      if (isAway) return;
      isAway = true;
      report?.(explain(error, url));
    },
    reached(): void {
      if (!isAway) return;
      isAway = false;
      report?.(undefined);
    },
  };
}
