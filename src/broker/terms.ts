import type { Allowed, Waiting } from './allowed.ts';

/** Who gets a token: which server, as which account. */
export interface Holder {
  readonly account: string;
  /** The server’s name, where it is known. */
  readonly server?: string;
}

/** Whose tokens a key is for, and which ones. */
export interface Terms extends Holder {
  readonly allowed: Allowed;
}

/** The terms with the scopes that were allowed meanwhile. */
export function withScopesOf({ scopes = [] }: Allowed, terms: Terms): Terms {
  const before = terms.allowed.scopes ?? [];
  const added = scopes.filter(scope => !before.includes(scope));
  if (added.length === 0) return terms;
  return { ...terms, allowed: { ...terms.allowed, scopes: [...before, ...added] } };
}

/**
 * Finds the terms of a key at a request of its server: asks the person where that is needed, and the request is not silent.
 * @throws OmnispindleError where there are none yet; the next request tries again
 */
export type FindTerms = (waiting: Waiting) => Promise<Terms>;

/** Hears whether a server's own server can be reached: why not, and undefined where it can again. */
export type OnReport = (server: string | undefined, problem: string | undefined) => void;
