import { config } from '@vscode/l10n';
import * as vscode from 'vscode';
import { createBrokerHost } from './broker/host.ts';
import { createApi, type OmnispindleApi } from './editor/api.ts';
import { issuerOf } from './auth/tenant.ts';
import { registerAuthenticationProvider } from './editor/authenticationProvider.ts';
import { createEditorAuthenticator } from './editor/authenticator.ts';
import { createChosenSession } from './editor/chosenSession.ts';
import { registerCommands } from './editor/commands.ts';
import { createLog } from './editor/log.ts';
import { createServerAccounts } from './editor/serverAccounts.ts';
import { registerServerDefinitions } from './editor/serverDefinitions.ts';
import { createServerTokens } from './editor/serverTokens.ts';
import { affectsTenant, tenantSetting } from './editor/settings.ts';
import { createSignInUi } from './editor/signInUi.ts';
import { registerCallbackHandler } from './editor/uriHandlerFlow.ts';

export type { EnsureAuthenticatedOptions, OmnispindleApi } from './editor/api.ts';

/** Door 1, the editor: builds the parts and connects them. */
export function activate(context: vscode.ExtensionContext): OmnispindleApi {
  if (vscode.l10n.bundle) config({ contents: vscode.l10n.bundle });
  const { log, channel } = createLog();
  const ui = createSignInUi(log);
  const { authenticator, withCode, rendezvous } = createEditorAuthenticator(context, ui, log);
  const provider = registerAuthenticationProvider(authenticator, log);
  const accounts = createServerAccounts(context.globalState, () => issuerOf(tenantSetting()));
  const chosenSession = createChosenSession(authenticator, provider);
  const getToken = createServerTokens({ authenticator, accounts, chosenSession });
  const broker = createBrokerHost({ getToken, log });
  const definitions = registerServerDefinitions({
    context,
    authenticator,
    provider,
    broker,
    accounts,
    chosenSession,
    log,
  });
  const signInWithCode = () => withCode.signIn();
  const api = createApi(authenticator, provider);
  context.subscriptions.push(
    channel,
    ui,
    provider,
    api,
    registerCallbackHandler(rendezvous),
    definitions,
    registerCommands({ authenticator, signInWithCode, provider, accounts, definitions, channel, log }),
    vscode.workspace.onDidChangeConfiguration(change => {
      if (affectsTenant(change)) void provider.refresh();
    }),
    { dispose: () => broker.dispose() },
  );
  return api;
}
