import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/authError.ts';
import { isOmnispindleError } from '../common/errors.ts';
import type { Token, TokenRequest, TokenSource } from '../sessions/tokenSource.ts';
import type { CheckedToken, Verify } from '../auth/verify.ts';
import type { Caller } from './authenticate.ts';

/** Lets a tool run only as a person whose token was checked. */
export type Gate = (request: TokenRequest) => Promise<Caller>;

/** Where tokens come from, and what checks them. */
export interface GateOptions {
  readonly tokenSource: TokenSource;
  readonly verify: Verify;
}

/** Skew (ms) between the clocks that an expiry forgives, where the verification does not say. */
const skew = 60_000;
/** How long (ms) a check counts at most: the key that a token is signed with may be withdrawn. */
const checkAgainAfter = 10 * 60_000;

/**
 * Builds the gate: a valid token, checked, before every call. A check counts for some minutes, as long
 * as the token lives, so that a call costs next to nothing; a token that is refused is replaced once.
 */
export function createGate({ tokenSource, verify }: GateOptions): Gate {
  let checked: { token: string; caller: Caller & CheckedToken; at: number } | undefined;

  /** Whether the last check was of that token, and still counts; not where the clock was set back since. */
  function isChecked(token: string): boolean {
    if (checked?.token !== token) return false;
    const { at, caller } = checked;
    const until = Math.min(at + checkAgainAfter, caller.countsUntil ?? caller.expiresAt + skew);
    const now = Date.now();
    return at <= now && now < until;
  }

  async function check({ accessToken, account, expiresAt, lifetime }: Token): Promise<Caller> {
    if (checked && isChecked(accessToken)) return checked.caller;
    const at = Date.now();
    const receivedAt = expiresAt !== undefined && lifetime !== undefined ? expiresAt - lifetime : undefined;
    const verified = await verify(accessToken, receivedAt);
    const caller = {
      ...(account?.name !== undefined && { name: account.name }),
      ...(account?.email !== undefined && { email: account.email }),
      ...(account && { label: account.label }),
      ...verified,
    };
    checked = { token: accessToken, caller, at };
    return caller;
  }

  return async request => {
    const token = await tokenSource.getToken(request);
    try {
      return await check(token);
    } catch (error) {
      if (!isOmnispindleError(error, 'invalid_token')) throw error;
      const another = await tokenSource.getToken({ ...request, rejected: token.accessToken });
      // The same one again: only its owner can replace it, and the reason is what helps.
      if (another.accessToken === token.accessToken) throw another.account ? signInAgain(error) : error;
      return check(another);
    }
  };
}

/** Says how to get another token where a session has no other one: nobody is asked by itself because one is refused. */
function signInAgain(error: Error): AuthError {
  return new AuthError(
    'invalid_token',
    l10n.t(
      '{0} No other token can be had now: sign in with "omnispindle login" (in the editor: "Omnispindle: Sign In"), or try again in a minute.',
      error.message,
    ),
    { cause: error },
  );
}
