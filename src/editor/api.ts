import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import { AuthError } from '../auth/authError.ts';
import type { Account } from '../sessions/session.ts';
import type { Provider } from './authenticationProvider.ts';
import { plainLine } from '../common/plainText.ts';
import { sessionByConsent } from './consent.ts';
import { asRightPerson } from './interactiveSignIn.ts';
import type { ServerEnvironmentOptions } from './serverEnvironment.ts';
import { tenantSetting } from './settings.ts';

export type { ServerEnvironmentOptions } from './serverEnvironment.ts';

/** Whose token another extension needs, and for what. */
export interface EnsureAuthenticatedOptions {
  /** The account's `sub`, e-mail or label; any where absent. */
  readonly account?: string;
  /** The API that the token is for, by its identifier; the default one where absent. */
  readonly audience?: string;
  /** Scopes the token must have, besides those every token has. */
  readonly scopes?: readonly string[];
  /** The organization to be signed in to, by its id (`org_…`) or name; that of the settings where absent. */
  readonly organization?: string;
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
  /**
   * The environment that makes a local server get its tokens from this window, fresh at each call: for the account, the API
   * and the scopes of that session, and for nothing else. For what `resolveMcpServerDefinition` returns, and only there:
   * what `provideMcpServerDefinitions` returns the editor writes down, and this is a secret. A server in Node.js reads its
   * tokens by `getToken` of `omnispindle/server`; its own children inherit the variables.
   * @throws Error in words for the person; its `code` is `access_denied` where this window did not give the session
   * @example
   * import * as vscode from 'vscode';
   * import type { OmnispindleApi } from 'omnispindle/api';
   *
   * const provider: vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition> = {
   *   provideMcpServerDefinitions: () => [new vscode.McpStdioServerDefinition('Notes', 'notes-server')],
   *   async resolveMcpServerDefinition(definition) {
   *     const session = await vscode.authentication.getSession(
   *       'omnispindle',
   *       ['audience:https://notes.example/', 'notes:read'],
   *       { createIfNone: true },
   *     );
   *     const extension = vscode.extensions.getExtension<OmnispindleApi>('omnispindle.omnispindle');
   *     const api = await extension?.activate();
   *     const environment = await api?.serverEnvironment({ session, name: definition.label });
   *     definition.env = { ...definition.env, ...environment };
   *     return definition;
   *   },
   * };
   * vscode.lm.registerMcpServerDefinitionProvider('notes.servers', provider);
   */
  serverEnvironment(options: ServerEnvironmentOptions): Promise<Record<string, string>>;
  /** The account signed in last; undefined where nobody is. */
  getAccount(): Promise<Account | undefined>;
  /** Tells who is signed in last now, after each sign-in and sign-out, in this window or another. */
  readonly onDidChangeAccount: vscode.Event<Account | undefined>;
}

/** The parts that the API gives access to. */
export interface ApiParts extends Pick<OmnispindleApi, 'serverEnvironment'> {
  readonly authenticator: Authenticator;
  readonly provider: Provider;
}

/** Builds the API. @returns it with what must be disposed of */
export function createApi({
  authenticator,
  provider,
  serverEnvironment,
}: ApiParts): OmnispindleApi & vscode.Disposable {
  const changed = new vscode.EventEmitter<Account | undefined>();
  /** The APIs that the person allowed; the default one has no name. */
  const allowed = new Set<string | undefined>();

  const getAccount = async () => (await authenticator.list())[0]?.account;
  const watching = provider.onDidChangeAccounts(async () => {
    changed.fire(await getAccount().catch(() => undefined));
  });

  async function askPermission(audience: string | undefined): Promise<void> {
    if (allowed.has(audience)) return;
    const yes = vscode.l10n.t('Allow');
    const answer = await vscode.window.showWarningMessage(
      audience === undefined
        ? vscode.l10n.t('An extension asks for your Omnispindle token.')
        : vscode.l10n.t('An extension asks for your token for the API {0}.', plainLine(audience)),
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
    allowed.add(audience);
  }

  return {
    version: 1,
    async ensureAuthenticated({ audience: named, ...others } = {}) {
      const audience = named === tenantSetting().audience ? undefined : named;
      await askPermission(audience);
      const wanted = { ...others, ...(audience !== undefined && { audience }) };
      const found = await authenticator.silent(wanted);
      if (found) return found.accessToken;
      const isPlain = !others.account && !others.organization && !others.scopes?.length;
      if (isPlain && audience === undefined) return (await sessionByConsent()).accessToken;
      return (await asRightPerson({}, request => authenticator.ensure({ ...wanted, ...request })))
        .accessToken;
    },
    serverEnvironment,
    getAccount,
    onDidChangeAccount: changed.event,
    dispose() {
      watching.dispose();
      changed.dispose();
    },
  };
}
