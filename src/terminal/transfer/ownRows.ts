import * as l10n from '@vscode/l10n';
import { AuthError } from '../../auth/authError.ts';
import { issuerOf } from '../../auth/tenant.ts';
import { createVerifier } from '../../auth/verify.ts';
import type { Log } from '../../common/log.ts';
import { userDirectory } from '../../platform/paths.ts';
import { openDirectoryStore } from '../../store/directoryStore.ts';
import type { Owner, PersonalStore, Store } from '../../store/store.ts';
import { announce } from '../announce.ts';
import { terminalAuthenticator } from '../authenticator.ts';
import { noticesOf, readEnvironment, type Environment } from '../environment.ts';
import { environmentTokenNotice, holderOf, verifyEnvironmentToken } from '../environmentToken.ts';
import { keptIssuers } from '../keptIssuers.ts';
import { findSessions } from '../sessions.ts';

/** Whose rows are meant, as typed. */
export interface OwnerOptions {
  readonly account?: string;
  readonly organization?: string;
  readonly envFile?: string;
}

/** The signed-in account, and what the person says of it. */
export interface SignedIn {
  readonly owner: Owner;
  /** Who that is, for people. */
  readonly label: string;
  readonly environment: Environment;
}

/**
 * Who is signed in, without asking anybody or, for a session, anything of the network: it is about what is on this
 * machine.
 * @throws AuthError `login_required` or `account_not_found`; `invalid_token` of an `AUTH0_TOKEN`
 */
export async function signedIn(options: OwnerOptions, log: Log): Promise<SignedIn> {
  const environment = await readEnvironment({ envFile: options.envFile, organization: options.organization });
  announce(noticesOf(environment));
  const given = environment.environmentToken;
  if (given) {
    const checked = await verifyEnvironmentToken(given, createVerifier(environment.tenant));
    announce([environmentTokenNotice(given, checked)]);
    const { issuer, sub } = checked;
    return { owner: { issuer, sub }, label: holderOf(checked), environment };
  }
  const authenticator = await terminalAuthenticator({ ...environment, log });
  const [session] = findSessions(await authenticator.list(), options.account ?? environment.account);
  if (!session) {
    throw new AuthError('login_required', l10n.t('Nobody is signed in. Sign in with: omnispindle login'));
  }
  const { id, label } = session.account;
  return { owner: { issuer: issuerOf(environment.tenant), sub: id }, label, environment };
}

/**
 * Does something with what that account has on this machine.
 * @throws StoreError, and what `work` throws
 */
export function withOwnRows<T>(
  who: SignedIn,
  log: Log,
  work: (store: PersonalStore) => Promise<T>,
): Promise<T> {
  return withRowsHere(who, log, store => work(store.of(who.owner)));
}

/**
 * Does something with what all accounts have on this machine, whose user that account's person is.
 * @throws StoreError, and what `work` throws
 */
export async function withRowsHere<T>(
  { owner }: SignedIn,
  log: Log,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openDirectoryStore(userDirectory(), {
    log,
    findIssuers: () => keptIssuers(log, owner),
  });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
