import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import { AuthError } from '../auth/authError.ts';
import type { Account } from '../sessions/session.ts';
import type { Provider } from './authenticationProvider.ts';
import { sessionByConsent } from './consent.ts';

/** Whose token another extension needs, and for what. */
export interface EnsureAuthenticatedOptions {
  /** The account's `sub`, e-mail or label; any where absent. */
  readonly account?: string;
  /** Scopes the token must have, besides those every token has. */
  readonly scopes?: readonly string[];
}

/**
 * What other extensions get: `vscode.extensions.getExtension('omnispindle.omnispindle').activate()`.
 * An extension that can should use `vscode.authentication.getSession('omnispindle', …)` instead, whose
 * consent names it.
 * @example
 * import * as vscode from 'vscode';
 * import type { OmnispindleApi } from 'omnispindle/api';
 *
 * const extension = vscode.extensions.getExtension<OmnispindleApi>('omnispindle.omnispindle');
 * const api = await extension?.activate();
 * const token = await api?.ensureAuthenticated({ scopes: ['notes:read'] });
 * api?.onDidChangeAccount(account => console.log(account?.label ?? 'signed out', token !== undefined));
 */
export interface OmnispindleApi {
  /** Grows with every change that could break a caller. */
  readonly version: 1;
  /**
   * A valid access token, signing in where needed. The person is asked once a window whether
   * other extensions may have it.
   * @throws Error in words for the person; its `code` is `access_denied` where they did not allow it
   */
  ensureAuthenticated(options?: EnsureAuthenticatedOptions): Promise<string>;
  /** The account signed in last; undefined where nobody is. */
  getAccount(): Promise<Account | undefined>;
  /** Tells who is signed in last now, after each sign-in and sign-out, in this window or another. */
  readonly onDidChangeAccount: vscode.Event<Account | undefined>;
}

/** Builds the API. @returns it with what must be disposed of */
export function createApi(
  authenticator: Authenticator,
  provider: Provider,
): OmnispindleApi & vscode.Disposable {
  const changed = new vscode.EventEmitter<Account | undefined>();
  let allowed = false;

  const getAccount = async () => (await authenticator.list())[0]?.account;
  const watching = provider.onDidChangeSessions(async ({ added, removed }) => {
    if (added?.length || removed?.length) changed.fire(await getAccount().catch(() => undefined));
  });

  async function askPermission(): Promise<void> {
    if (allowed) return;
    const yes = vscode.l10n.t('Allow');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('An extension asks for your Omnispindle token.'),
      {
        modal: true,
        detail: vscode.l10n.t(
          'With it, it can act as you at the API. Until the window is closed you are not asked again.',
        ),
      },
      yes,
    );
    if (answer !== yes) {
      throw new AuthError(
        'access_denied',
        vscode.l10n.t('You did not allow it. Ask again to be asked again.'),
      );
    }
    allowed = true;
  }

  return {
    version: 1,
    async ensureAuthenticated(options = {}) {
      await askPermission();
      const found = await authenticator.silent(options);
      if (found) return found.accessToken;
      if (!options.account && !options.scopes?.length) return (await sessionByConsent()).accessToken;
      return (await authenticator.signIn(options)).accessToken;
    },
    getAccount,
    onDidChangeAccount: changed.event,
    dispose() {
      watching.dispose();
      changed.dispose();
    },
  };
}
