import * as l10n from '@vscode/l10n';
import { extraScopes } from './accessTokens.ts';
import { otherAudience, type Purpose } from './audiences.ts';
import { OmnispindleError } from '../common/errors.ts';
import type { LoginHints } from '../auth/flows/flow.ts';
import { isOrganization } from '../auth/organization.ts';
import type { Tenant } from '../auth/tenant.ts';
import type { Session } from './session.ts';
import { inPlace } from '../common/place.ts';

/** Whether the session is that account's, by `sub`, e-mail address or label. */
export function isAccount(session: Pick<Session, 'account'>, account: string): boolean {
  const { id, label, email } = session.account;
  const wanted = account.toLowerCase();
  return id === account || label.toLowerCase() === wanted || email?.toLowerCase() === wanted;
}

/**
 * The sessions of the account that is named: by its `sub`, else by its label, which no other account has, else by its
 * e-mail address, which several accounts may share.
 */
export function sessionsNamed<T extends Pick<Session, 'account'>>(
  sessions: readonly T[],
  account: string,
): readonly T[] {
  const wanted = account.toLowerCase();
  const by = (isNamed: (account: Session['account']) => boolean) =>
    sessions.filter(session => isNamed(session.account));
  const bySub = by(({ id }) => id === account);
  if (bySub.length > 0) return bySub;
  const byLabel = by(({ label }) => label.toLowerCase() === wanted);
  return byLabel.length > 0 ? byLabel : by(({ email }) => email?.toLowerCase() === wanted);
}

/**
 * The session of the account that is named; undefined where there is none.
 * @throws OmnispindleError `invalid_settings` where several accounts have that name, with the labels to choose from
 */
export function sessionNamed<T extends Pick<Session, 'account'>>(
  sessions: readonly T[],
  account: string,
): T | undefined {
  const found = sessionsNamed(sessions, account);
  if (found.length <= 1) return found[0];
  const labels = found.map(({ account: { label } }) => label).join(', ');
  throw new OmnispindleError(
    'invalid_settings',
    inPlace({
      editor: l10n.t(
        'Several accounts are signed in as {0}: {1}. Name one of them by what stands here.',
        account,
        labels,
      ),
      terminal: l10n.t(
        'Several accounts are signed in as {0}: {1}. Name one of them by what stands here, with --account or OMNISPINDLE_ACCOUNT.',
        account,
        labels,
      ),
    }),
  );
}

/**
 * Whether the session is that account's, any where absent, and the person was asked for those scopes. For another API
 * than the default one any session of the account will do: it may need a pass through the browser.
 */
export function answers(
  session: Session,
  { account, ...purpose }: Purpose & { readonly account?: string },
): boolean {
  return (
    (account === undefined || isAccount(session, account)) &&
    (otherAudience(session.tenant, purpose.audience) !== undefined ||
      extraScopes(purpose.scopes).every(scope => session.scopes.includes(scope)))
  );
}

/** Whose session is asked for, and what for. */
interface Wanted extends Purpose {
  readonly account?: string;
  readonly organization?: string;
  readonly hints?: Pick<LoginHints, 'organization'>;
}

/** The organization, by id or name, that a request is for; undefined where any will do. */
export function organizationOf(
  { organization, hints }: Pick<Wanted, 'organization' | 'hints'>,
  tenant: Pick<Tenant, 'organization'>,
): string | undefined {
  return hints?.organization ?? organization ?? tenant.organization;
}

/** The sessions of that organization, by its id or name; all where absent. */
export function sessionsIn(
  sessions: readonly Session[],
  organization: string | undefined,
): readonly Session[] {
  return sessions.filter(
    ({ account }) => organization === undefined || isOrganization(account.organization, organization),
  );
}

/**
 * The sessions that {@link answers answer} a request.
 * @throws OmnispindleError `invalid_settings` where the account's name is that of several
 */
export function sessionsFor(
  sessions: readonly Session[],
  { account, ...request }: Wanted,
  tenant: Pick<Tenant, 'organization'>,
): readonly Session[] {
  const there = sessionsIn(sessions, organizationOf(request, tenant));
  const session = account === undefined ? undefined : sessionNamed(there, account);
  const named = account === undefined ? there : session ? [session] : [];
  return named.filter(one => answers(one, request));
}
