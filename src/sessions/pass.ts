import { withLock } from '../platform/lock.ts';
import type { Log } from '../common/log.ts';
import { plainLine } from '../common/plainText.ts';
import { scopesFor } from './accessTokens.ts';
import { entryOf, withPass } from './audiences.ts';
import type { SessionRequest } from './authenticator.ts';
import type { ForgivingStore } from './memoryFallback.ts';
import { entryLock, signInAgain } from './renewal.ts';
import { keyOf, type Session } from './session.ts';
import type { SignIn } from './signIn.ts';

/** What carries out a pass, and where its result is kept. */
export interface PassOptions {
  readonly store: ForgivingStore;
  readonly signIn: SignIn;
  /** A directory of the user's own, for the lock all processes and windows share. */
  readonly directory: string;
  readonly log: Log;
}

/** The API that a pass is for, and how it is told of. */
export type PassRequest = SessionRequest & { readonly audience: string } & Required<
    Pick<SessionRequest, 'signal' | 'onProgress'>
  >;

/**
 * Builds the pass through the browser that gives a session tokens for one more API, where its refresh token does not:
 * an authorization request with that audience, which a person whom the browser remembers passes without typing.
 * @returns what carries it out, and gives the session as it is stored then; it throws AuthError `account_mismatch` where
 * another account comes back, of which nothing is kept, and `login_required` where the session has ended meanwhile
 */
export function createPass({ store, signIn, directory, log }: PassOptions) {
  return async function pass(session: Session, request: PassRequest): Promise<Session> {
    const { audience, signal } = request;
    const { tenant, account } = session;
    const { refreshToken, scopes: before = [], withheld = [] } = entryOf(session, audience);
    // Tokens for fewer scopes can be got of it only where something renews them.
    const asked = refreshToken === undefined ? [] : [...before, ...withheld];
    const scopes = scopesFor([...asked, ...(request.scopes ?? [])]);
    const onProgress: PassRequest['onProgress'] = event => {
      request.onProgress({ ...event, passFor: audience });
    };
    onProgress({ type: 'pass', audience });
    const { id, label, email, organization } = account;
    // Nothing of a sign-in as somebody new.
    const { loginHint = email ?? label, prompt, acrValues, maxAge } = request.hints ?? {};
    const hints = {
      loginHint,
      ...(prompt && { prompt }),
      ...(organization && { organization: organization.id }),
      ...(acrValues !== undefined && { acrValues }),
      ...(maxAge !== undefined && { maxAge }),
    };
    const wanted = { tenant, audience, scopes, hints };
    const expected = { id, label, organization: organization?.id };
    const grant = await signIn({ ...wanted, expected, signal, onProgress });
    // Under the renewal's lock: one under way must not put back what this replaces.
    return withLock(directory, entryLock(keyOf(session)), log, async () => {
      const current = (await store.list()).find(({ id }) => id === session.id);
      if (!current) throw signInAgain(session);
      const next = withPass(current, audience, scopes, grant);
      const unkept = await store.keep(next);
      log.info(`${account.label} has a token for ${plainLine(audience)}.`);
      if (unkept) onProgress({ type: 'unkept', label: account.label, reason: unkept.message });
      return next;
    });
  };
}
