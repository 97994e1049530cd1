import * as vscode from 'vscode';
import { createBrokerHost } from './broker/host.ts';
import { createApi, type OmnispindleApi } from './editor/api.ts';
import { issuerOf } from './auth/tenant.ts';
import { keepInAccountsMenu } from './editor/accountsMenu.ts';
import { createAgentConsents } from './editor/agentConsents.ts';
import { createAgentServers } from './editor/agentServers.ts';
import { createAudienceConsents } from './editor/audienceConsents.ts';
import { registerAuthenticationProvider } from './editor/authenticationProvider.ts';
import { createEditorAuthenticator } from './editor/authenticator.ts';
import { createChosenSession } from './editor/chosenSession.ts';
import { offerInAccountsMenu } from './editor/consent.ts';
import { registerCommands } from './editor/commands.ts';
import { keepContextKeys } from './editor/contextKeys.ts';
import { createDefinitions } from './editor/definition.ts';
import { createGivenTokens } from './editor/givenTokens.ts';
import { createLog } from './editor/log.ts';
import { createServerAccounts } from './editor/serverAccounts.ts';
import { createServerAnswers } from './editor/serverAnswers.ts';
import { createWindowNetwork } from './editor/network.ts';
import { findWindowPlace, keepWindowRecord } from './editor/openWindowRecord.ts';
import { registerServerDefinitions } from './editor/serverDefinitions.ts';
import { createServerEnvironment } from './editor/serverEnvironment.ts';
import { createServerSignIns } from './editor/serverSignIns.ts';
import { createServerTerms } from './editor/serverTerms.ts';
import { createSecretStore } from './editor/secretStore.ts';
import { createServerTokens } from './editor/serverTokens.ts';
import { affectsTenant, otherTenantHost, tenantSetting } from './editor/settings.ts';
import { createSignInUi } from './editor/signInUi.ts';
import { registerCallbackHandler } from './editor/callbackHandler.ts';
import { languageOf } from './common/languages.ts';
import { createWalkthroughSteps } from './editor/walkthroughSteps.ts';
import { speakIn } from './common/place.ts';
import { speak } from './common/translation.ts';

export type { EnsureAuthenticatedOptions, OmnispindleApi, ServerEnvironmentOptions } from './editor/api.ts';

/** Door 1, the editor: builds the parts and connects them. */
export function activate(context: vscode.ExtensionContext): OmnispindleApi {
  speakIn('editor');
  const language = languageOf(vscode.env.language);
  if (vscode.l10n.bundle && language) speak({ language, contents: vscode.l10n.bundle });
  const { log, channel } = createLog();
  const ui = createSignInUi(log);
  const { authenticator, withCode, rendezvous } = createEditorAuthenticator(context, ui, log);
  const issuer = () => issuerOf(tenantSetting());
  const consents = createAudienceConsents(context.globalState, issuer);
  const given = createGivenTokens();
  const provider = registerAuthenticationProvider({ authenticator, consents, given, log });
  const accounts = createServerAccounts(context.globalState, issuer);
  const answers = createServerAnswers(context.globalState, issuer);
  const secrets = createSecretStore({
    storage: context.secrets,
    ask: async (...asked) => (await import('./editor/secretInput.ts')).askForMissing(...asked),
  });
  const chosenSession = createChosenSession(authenticator, provider);
  const signIns = createServerSignIns({ provider, host: otherTenantHost, offer: offerInAccountsMenu });
  const getToken = createServerTokens({ authenticator, accounts, chosenSession, signIns });
  const steps = createWalkthroughSteps();
  const broker = createBrokerHost({
    getToken: steps.watchCalls(getToken),
    network: createWindowNetwork(),
    join: (asked, waiting) => agents.join(asked, waiting),
    log,
  });
  const termsOf = createServerTerms({
    authenticator,
    accounts,
    answers,
    secrets,
    chosenSession,
    signIns,
    log,
  });
  const place = findWindowPlace(context.globalState, log);
  const agentConsents = createAgentConsents(context.globalState, issuer);
  const started = createDefinitions(context, place);
  const agents = createAgentServers({ broker, consents: agentConsents, definitions: started, termsOf });
  const definitions = registerServerDefinitions({
    context,
    authenticator,
    provider,
    broker,
    accounts,
    signIns,
    termsOf,
    definitions: started,
    agents,
    secrets,
    steps,
    log,
  });
  const signInWithCode = () => withCode.signIn();
  const serverEnvironment = createServerEnvironment({ broker, given, log });
  const api = createApi({ authenticator, provider, serverEnvironment });
  context.subscriptions.push(
    channel,
    ui,
    provider,
    signIns,
    api,
    registerCallbackHandler(rendezvous),
    steps.watch(provider),
    definitions,
    registerCommands({
      authenticator,
      signInWithCode,
      provider,
      accounts,
      answers,
      secrets,
      definitions,
      agentConsents,
      agents,
      channel,
      log,
    }),
    keepContextKeys(provider),
    keepInAccountsMenu(provider),
    keepWindowRecord(place, broker, log),
    vscode.workspace.onDidChangeConfiguration(change => {
      if (affectsTenant(change)) void provider.refresh();
    }),
    { dispose: () => broker.dispose() },
  );
  return api;
}
