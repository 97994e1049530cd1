import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import { detachable, type Detachable } from '../sessions/detachable.ts';
import { AuthError } from '../auth/authError.ts';
import type { Session } from '../sessions/session.ts';
import { needsPerson } from '../sessions/silentRequest.ts';
import type { LiveToken } from '../sessions/tokenCache.ts';
import type { TokenRequest } from '../sessions/tokenSource.ts';
import type { BrokerHostOptions } from '../broker/host.ts';
import type { Holder } from '../broker/terms.ts';
import { accountRequest } from './accountId.ts';
import type { ChosenSession } from './chosenSession.ts';
import { sessionByConsent } from './consent.ts';
import { asRightPerson } from './interactiveSignIn.ts';
import type { ServerAccounts } from './serverAccounts.ts';
import type { ServerSignIns } from './serverSignIns.ts';
import { tenantSetting } from './settings.ts';

type Wanted = Pick<TokenRequest, 'audience' | 'hints' | 'rejected'> & Required<Pick<TokenRequest, 'scopes'>>;

/** The parts that decide whose token a server gets. */
export interface ServerTokensOptions {
  readonly authenticator: Authenticator;
  readonly accounts: ServerAccounts;
  readonly chosenSession: ChosenSession;
  readonly signIns: ServerSignIns;
}

/**
 * What the broker gives servers: a token of the account they were started for, renewed silently where that
 * is possible; else the editor asks the person to sign in again, once for all servers that wait.
 */
export function createServerTokens({
  authenticator,
  accounts,
  chosenSession,
  signIns,
}: ServerTokensOptions): BrokerHostOptions['getToken'] {
  const passes = new Map<string, Detachable<Session>>();
  const signingIn = new Map<string, Detachable<Session>>();
  const labels = new Map<string, string>();

  const requestOf = (id: string) => accountRequest(authenticator, { id, label: labels.get(id) ?? '' });

  async function isSignedIn(account: string): Promise<boolean> {
    return (await authenticator.silent(await requestOf(account))) !== undefined;
  }

  /** Whoever is signed in need not type anything for another API; a stronger sign-in they have agreed to. */
  async function pass(account: string, { hints, ...wanted }: Wanted): Promise<Session> {
    return asRightPerson(await requestOf(account), request =>
      authenticator.ensure({ ...request, ...wanted, hints: { ...request.hints, ...hints } }),
    );
  }

  async function signInAgain({ account, server }: Holder, wanted: Wanted): Promise<Session> {
    if (wanted.audience !== undefined && (await isSignedIn(account))) return pass(account, wanted);
    const chosen = accounts.find(account);
    if (chosen) return chosenSession(chosen, wanted, server);
    const label = labels.get(account) ?? account;
    const scopes = wanted.audience === undefined ? wanted.scopes : [];
    await sessionByConsent({ server, account: { id: account, label }, scopes });
    const session = await authenticator.silent({ ...(await requestOf(account)), ...wanted });
    if (session) return session;
    if (wanted.audience !== undefined && (await isSignedIn(account))) return pass(account, wanted);
    throw new AuthError(
      'account_not_found',
      vscode.l10n.t(
        'You signed in with another account than this server runs as. Choose the account for it with "Omnispindle: Choose Account for MCP Server…".',
      ),
    );
  }

  async function askPerson(holder: Holder, wanted: Wanted, request: TokenRequest): Promise<Session> {
    const { account, server } = holder;
    const purpose = JSON.stringify([account, wanted]);
    if (wanted.hints && (await isSignedIn(account))) {
      return detachable(passes, purpose, request, () => pass(account, wanted));
    }
    return signIns.ask(
      {
        server,
        purpose,
        pending: signingIn,
        chosen: accounts.find(account),
        known: async () => authenticator.silent({ ...(await requestOf(account)), ...wanted }),
        ask: () => signInAgain(holder, wanted),
      },
      request,
    );
  }

  return async function getToken(holder, request): Promise<LiveToken> {
    const { account } = holder;
    const { audience: named, scopes = [], hints, silent, ...others } = request;
    const audience = named === tenantSetting().audience ? undefined : named;
    const wanted: Wanted = {
      scopes,
      ...(audience !== undefined && { audience }),
      // Without one it is only renewed, and whoever signs in gets another token anyway.
      ...(hints && { hints, ...(others.rejected !== undefined && { rejected: others.rejected }) }),
    };
    const known = await authenticator.silent({ ...(await requestOf(account)), ...others, ...wanted });
    if (!known && silent) throw needsPerson();
    const session = known ?? (await askPerson(holder, wanted, request));
    labels.set(account, session.account.label);
    const { accessToken, expiresAt, lifetime } = session;
    return { accessToken, expiresAt, lifetime, account: session.account };
  };
}
