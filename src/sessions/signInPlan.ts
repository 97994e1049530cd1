import type { ExpectedAccount, LoginHints } from '../auth/flows/flow.ts';
import type { Tenant } from '../auth/tenant.ts';
import { organizationOf, sessionNamed, sessionsIn } from './matching.ts';
import type { Session } from './session.ts';

/** Who is to sign in. */
export interface PlannedRequest {
  /** The account's `sub`, e-mail address or label. */
  readonly account?: string;
  /** The organization, by id or name; the tenant's where absent. */
  readonly organization?: string;
  readonly hints?: LoginHints;
  /** Whether anybody may sign in where no account is named; else it is whoever is signed in already. */
  readonly isAnyone: boolean;
}

/** What is asked of the tenant so that the right person comes back. */
export interface SignInPlan {
  readonly hints: LoginHints;
  /** Who alone may come back. */
  readonly expected?: ExpectedAccount;
}

/**
 * Plans a sign-in so that the right person comes back although the browser may be logged in as another one. An account
 * that is known passes without typing, and nobody else may come back. Everybody else is asked who they are where that
 * matters: Auth0 shows no page to somebody who is logged in, neither for signing up nor for another account.
 * @param sessions those of the tenant, the latest first
 * @throws OmnispindleError `invalid_settings` where the account's name is that of several
 */
export function planSignIn(
  request: PlannedRequest,
  tenant: Pick<Tenant, 'organization'>,
  sessions: readonly Session[],
): SignInPlan {
  const { account, hints = {} } = request;
  const organization = organizationOf(request, tenant);
  const wished = { ...(organization !== undefined && { organization }), ...hints };
  const known = sessionsIn(sessions, organization);
  const expected = isForSomebodyNew(hints) ? undefined : knownAccount(request, known);
  if (expected) {
    const { id, label, email, organization: theirs } = expected.account;
    return {
      hints: { ...(email !== undefined && { loginHint: email }), ...wished },
      expected: { id, label, organization: theirs?.id },
    };
  }
  return {
    hints: {
      ...(account?.includes('@') && { loginHint: account }),
      ...((account !== undefined || isForSomebodyNew(hints)) && { prompt: 'login' }),
      ...wished,
    },
  };
}

function isForSomebodyNew({ signup, connection, invitation }: LoginHints): boolean {
  return signup === true || connection !== undefined || invitation !== undefined;
}

function knownAccount(
  { account, hints, isAnyone }: PlannedRequest,
  known: readonly Session[],
): Session | undefined {
  if (account !== undefined) return sessionNamed(known, account);
  return isAnyone || hints?.prompt === 'login' ? undefined : known[0];
}
