import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import { detachable, type Detachable } from '../sessions/detachable.ts';
import { AuthError } from '../auth/authError.ts';
import type { Session } from '../sessions/session.ts';
import type { LiveToken } from '../sessions/tokenCache.ts';
import type { TokenRequest } from '../sessions/tokenSource.ts';
import type { ChosenSession } from './chosenSession.ts';
import { sessionByConsent } from './consent.ts';
import type { ServerAccounts } from './serverAccounts.ts';
import { otherTenantHost } from './settings.ts';

/** The parts that decide whose token a server gets. */
export interface ServerTokensOptions {
  readonly authenticator: Authenticator;
  readonly accounts: ServerAccounts;
  readonly chosenSession: ChosenSession;
}

/**
 * What the broker gives servers: a token of the account they were started for, renewed silently where that
 * is possible; else the editor asks the person to sign in again, once for all servers that wait.
 */
export function createServerTokens({ authenticator, accounts, chosenSession }: ServerTokensOptions) {
  const pending = new Map<string, Detachable<Session>>();
  const labels = new Map<string, string>();

  async function signInAgain(account: string, scopes: readonly string[]): Promise<Session> {
    const chosen = accounts.find(account);
    if (chosen) return chosenSession(chosen, scopes);
    await sessionByConsent({ id: account, label: labels.get(account) ?? account }, scopes);
    const session = await authenticator.silent({ account, scopes });
    if (session) return session;
    throw new AuthError(
      'account_not_found',
      vscode.l10n.t(
        'You signed in with another account than this server runs as. Choose the account for it with "Omnispindle: Choose Account for Server".',
      ),
    );
  }

  return async function getToken(account: string, request: TokenRequest): Promise<LiveToken> {
    const scopes = request.scopes ?? [];
    const session =
      (await authenticator.silent({ account, ...request })) ??
      (await detachable(pending, JSON.stringify([account, scopes]), request, onProgress => {
        const host = otherTenantHost();
        onProgress({ type: 'editor', ...(host !== undefined && { host }) });
        return signInAgain(account, scopes);
      }));
    labels.set(account, session.account.label);
    const { accessToken, expiresAt, lifetime } = session;
    return { accessToken, expiresAt, lifetime, account: session.account };
  };
}
