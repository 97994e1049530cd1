import * as l10n from '@vscode/l10n';
import { isAuthError } from '../auth/errors.ts';
import type { Token, TokenRequest, TokenSource } from '../auth/tokenSource.ts';
import type { Identity, Verify } from '../auth/verify.ts';

/** The person a tool runs as. */
export type Caller = Identity & Partial<Pick<NonNullable<Token['account']>, 'label'>>;

/** Lets a tool run only as a person whose token was checked. */
export type Gate = (request: TokenRequest) => Promise<Caller>;

export interface GateOptions {
  readonly tokenSource: TokenSource;
  /** @throws AuthError `invalid_token` */
  readonly verify: Verify;
}

/** Skew (ms) between the clocks that an expiry forgives, as the verification does. */
const skew = 60_000;

/**
 * Builds the gate: a token that is good now, checked, before every call. A token that was checked counts
 * until it expires, so that a call costs next to nothing; one that is refused is replaced once.
 */
export function createGate({ tokenSource, verify }: GateOptions): Gate {
  let checked: { token: string; caller: Caller } | undefined;

  async function check(token: Token): Promise<Caller> {
    const { accessToken, account } = token;
    if (checked?.token === accessToken && checked.caller.expiresAt + skew > Date.now()) return checked.caller;
    const identity = await verify(accessToken, token);
    const caller: Caller = {
      ...(account?.name !== undefined && { name: account.name }),
      ...(account?.email !== undefined && { email: account.email }),
      ...(account && { label: account.label }),
      ...identity,
    };
    checked = { token: accessToken, caller };
    return caller;
  }

  return async request => {
    const token = await tokenSource.getToken(request);
    try {
      return await check(token);
    } catch (error) {
      if (!isAuthError(error, 'invalid_token')) throw error;
      const another = await tokenSource.getToken({ ...request, rejected: token.accessToken });
      // The same one again: only its owner can replace it, and the reason is what helps.
      if (another.accessToken === token.accessToken) throw error;
      return check(another);
    }
  };
}

/** What a person or a model is told when the gate stays closed. */
export function gateMessage(error: unknown): string {
  if (isAuthError(error)) return error.message;
  return l10n.t('Omnispindle could not find out who you are ({0}). Try again.', String(error));
}
