import { createHash } from 'node:crypto';
import type { ScopeList } from './scopeList.ts';

/** What a token was given for. */
interface Given extends ScopeList {
  readonly account: { readonly id: string; readonly label: string };
}

/** Which tokens this window gave to other extensions, and for what: what a session says of itself, anybody can write. */
export interface GivenTokens {
  add(accessToken: string, given: Given): void;
  find(accessToken: string): Given | undefined;
}

/** How many are remembered, the last ones. */
const mostTokens = 1_024;

/** Remembers no token, but a hash of each. */
export function createGivenTokens(): GivenTokens {
  const known = new Map<string, Given>();
  const nameOf = (accessToken: string) => createHash('sha256').update(accessToken).digest('hex');
  return {
    add(accessToken, given) {
      const name = nameOf(accessToken);
      known.delete(name);
      known.set(name, given);
      if (known.size > mostTokens) known.delete(known.keys().next().value ?? '');
    },
    find: accessToken => known.get(nameOf(accessToken)),
  };
}
