import * as l10n from '@vscode/l10n';
import type { Authenticator, StoredEntry } from '../../sessions/authenticator.ts';
import { isOmnispindleError, OmnispindleError } from '../../common/errors.ts';
import { sessionsIn } from '../../sessions/matching.ts';
import { sessionKey } from '../../sessions/session.ts';
import type { SignedOut } from '../../sessions/signOut.ts';
import { isSameTenant } from '../../auth/tenant.ts';
import { announce } from '../announce.ts';
import { terminalAuthenticator } from '../authenticator.ts';
import { noticesOf, readEnvironment, type Environment } from '../environment.ts';
import { stderrLog } from '../log.ts';
import { endBrowserSessions } from './logout/browser.ts';
import { findSessions } from '../sessions.ts';
import { print } from './output.ts';

/** The options of `logout`, as typed. */
export interface LogoutOptions {
  readonly all?: boolean;
  /** Whether the browser's session at the tenant ends, too. */
  readonly browser?: boolean;
  readonly account?: string;
  readonly organization?: string;
  readonly envFile?: string;
  readonly json?: boolean;
}

/**
 * `omnispindle logout`: ends the sessions of one account, or all, here and at the tenant, and removes also what
 * is stored of them and cannot be read. @throws OmnispindleError
 */
export async function logout(options: LogoutOptions): Promise<void> {
  const { all, browser, account, organization, envFile, json } = options;
  const environment = await readEnvironment({ envFile, organization });
  announce(noticesOf(environment));
  const authenticator = await terminalAuthenticator({ ...environment, log: stderrLog() });
  const wanted = account ?? (all ? undefined : environment.account);
  const entries = all && account === undefined ? await authenticator.entries() : await choose();
  const ended = await signOutAll(authenticator, entries, { account: wanted });
  const left = browser ? await endBrowserSessions(entries, environment.tenant) : [];
  print(
    json,
    {
      signedOut: ended.map(({ label }) => label),
      accounts: ended.map(toJson),
      ...(browser && { browser: left.map(({ message, ...end }) => end) }),
    },
    [
      ended.length > 0 ? describeSignedOut(ended) : l10n.t('Nobody was signed in.'),
      ...left.map(({ message }) => message),
    ].join('\n'),
  );

  async function choose(): Promise<readonly StoredEntry[]> {
    const chosen = await entriesOf(authenticator, environment, wanted);
    if (chosen.length <= 1) return chosen;
    const names = chosen.map(({ session }) => session?.account.label ?? unknownLabel());
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t(
        'Several accounts are signed in: {0}. Name one with --account, or sign all out with --all.',
        names.join(', '),
      ),
    );
  }
}

/** Who was signed out, and how that went. */
type Ended = SignedOut & { readonly label: string };

/**
 * Signs those out, one after the other.
 * @param options.account whose entry it is, where that cannot be read
 * @param options.failed hears why something could not be removed; the others are signed out anyway
 * @throws OmnispindleError `storage_failed` where nobody hears it
 */
export async function signOutAll(
  { signOutEntry }: Pick<Authenticator, 'signOutEntry'>,
  entries: readonly StoredEntry[],
  { account, failed }: { account?: string | undefined; failed?: (error: unknown) => void } = {},
): Promise<Ended[]> {
  const ended = [];
  for (const { key, session } of entries) {
    try {
      const done = await signOutEntry(key);
      ended.push({ ...done, label: session?.account.label ?? done.label ?? account ?? unknownLabel() });
    } catch (error) {
      if (!failed) throw error;
      failed(error);
    }
  }
  return ended;
}

/** What is stored of that account, or else of whoever is signed in, or else what nobody can read. */
async function entriesOf(
  authenticator: Authenticator,
  { tenant }: Environment,
  account: string | undefined,
): Promise<readonly StoredEntry[]> {
  const stored = await authenticator.entries();
  const readable = stored
    .map(({ session }) => session)
    .filter(session => session !== undefined)
    .filter(session => isSameTenant(session.tenant, tenant));
  const sessions = sessionsIn(readable, tenant.organization);
  try {
    const ids = new Set(findSessions(sessions, account).map(({ id }) => id));
    if (ids.size > 0) return stored.filter(({ session }) => session && ids.has(session.id));
  } catch (error) {
    if (!isOmnispindleError(error, 'account_not_found') || account === undefined) throw error;
    const key = sessionKey(tenant, account, tenant.organization);
    const unreadable = stored.filter(entry => entry.key === key);
    if (unreadable.length === 0) throw error;
    return unreadable;
  }
  return stored.filter(({ session }) => session === undefined);
}

/** In words for a person: who was signed out, and until when their access tokens count. */
export function describeSignedOut(ended: readonly Ended[]): string {
  const lines = [l10n.t('Signed out: {0}.', ended.map(({ label }) => label).join(', '))];
  const last = Math.max(...ended.map(({ accessTokenEnds = 0 }) => accessTokenEnds));
  if (last > 0) {
    lines.push(
      l10n.t(
        'An access token that a program still holds counts until {0}.',
        new Date(last).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' }),
      ),
    );
  }
  return lines.join('\n');
}

/** For scripts: how it went for one account. */
export function toJson({ label, untold, accessTokenEnds }: Ended) {
  return {
    account: label,
    tenantTold: untold === undefined,
    ...(untold !== undefined && { reason: untold }),
    ...(accessTokenEnds !== undefined && { accessTokenEnds: new Date(accessTokenEnds).toISOString() }),
  };
}

function unknownLabel(): string {
  return l10n.t('an account that cannot be read');
}
