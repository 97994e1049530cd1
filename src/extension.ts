import * as vscode from 'vscode';
import { createApi, type OmnispindleApi } from './editor/api.ts';
import { issuerOf } from './auth/tenant.ts';
import { keepInAccountsMenu } from './editor/accountsMenu.ts';
import { createAgentServers } from './editor/agentServers.ts';
import { registerAuthenticationProvider } from './editor/authenticationProvider.ts';
import { createEditorAuthenticator } from './editor/authenticator.ts';
import { createChosenSession } from './editor/chosenSession.ts';
import { offerInAccountsMenu } from './editor/consent.ts';
import { registerAccountsView } from './editor/accountsView.ts';
import { keepAttention } from './editor/attention.ts';
import { createServerNews } from './editor/serverNews.ts';
import { registerCommands } from './editor/commands.ts';
import { keepContextKeys } from './editor/contextKeys.ts';
import { createDefinitions } from './editor/definition.ts';
import { createGivenTokens } from './editor/givenTokens.ts';
import { late } from './editor/late.ts';
import { lateBroker } from './editor/lateBroker.ts';
import { createLog } from './editor/log.ts';
import { createServerAccounts } from './editor/serverAccounts.ts';
import { findWindowPlace, keepWindowRecord } from './editor/openWindowRecord.ts';
import { watchForMove } from './editor/moveOffer.ts';
import { registerServerDefinitions } from './editor/serverDefinitions.ts';
import { createServerSignIns } from './editor/serverSignIns.ts';
import { createSecretStore } from './editor/secretStore.ts';
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
  const { authenticator, withCode, rendezvous, onDidEnd } = createEditorAuthenticator(context, ui, log);
  const issuer = () => issuerOf(tenantSetting());
  const consents = late(async () => {
    const { createAudienceConsents } = await import('./editor/audienceConsents.ts');
    return createAudienceConsents(context.globalState, issuer);
  });
  const given = createGivenTokens();
  const provider = registerAuthenticationProvider({ authenticator, consents, given, log });
  const accounts = createServerAccounts(context.globalState, issuer);
  const answers = late(async () => {
    const { createServerAnswers } = await import('./editor/serverAnswers.ts');
    return createServerAnswers(context.globalState, issuer);
  });
  const secrets = createSecretStore({
    storage: context.secrets,
    ask: async (...asked) => (await import('./editor/secretInput.ts')).askForMissing(...asked),
  });
  const chosenSession = createChosenSession(authenticator, provider);
  const news = createServerNews();
  const signIns = news.watchSignIns(
    createServerSignIns({ provider, host: otherTenantHost, offer: offerInAccountsMenu }),
  );
  const servers = { authenticator, accounts, chosenSession, signIns, log };
  const steps = createWalkthroughSteps();
  const broker = lateBroker(async () => {
    const { buildBroker } = await import('./editor/buildBroker.ts');
    return buildBroker({
      ...servers,
      watchCalls: getToken => news.watchTokens(steps.watchCalls(getToken)),
      join: (asked, waiting) => agents.join(asked, waiting),
      onConnection: news.changed,
      onReport: news.reported,
    });
  });
  const terms = late(async () => {
    const { createServerTerms } = await import('./editor/serverTerms.ts');
    return createServerTerms({ ...servers, answers: await answers(), secrets });
  });
  const termsOf = news.watchTerms(server => async waiting => (await terms())(server)(waiting));
  const place = findWindowPlace(context.globalState, log);
  const agentConsents = late(async () => {
    const { createAgentConsents } = await import('./editor/agentConsents.ts');
    return createAgentConsents(context.globalState, issuer);
  });
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
    news,
    steps,
    log,
  });
  const signInWithCode = () => withCode.signIn();
  const environments = late(async () => {
    const { createServerEnvironment } = await import('./editor/serverEnvironment.ts');
    return createServerEnvironment({ broker, given, log });
  });
  const api = createApi({
    authenticator,
    provider,
    serverEnvironment: async asked => (await environments())(asked),
  });
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
      context,
      broker,
      termsOf,
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
    watchForMove(context.globalState, log),
    keepInAccountsMenu(provider),
    news,
    registerAccountsView({
      sessions: () => authenticator.list(),
      accounts,
      news,
      connected: broker.connected,
      changes: [provider.onDidLook, news.onDidChange, definitions.onDidChange],
    }),
    keepAttention({ provider, news, onDidEnd }),
    provider.onDidChangeAccounts(({ signedIn }) => {
      if (signedIn) news.forgetErrors();
    }),
    keepWindowRecord(place, broker, log),
    vscode.workspace.onDidChangeConfiguration(change => {
      if (affectsTenant(change)) void provider.refresh();
    }),
    { dispose: () => broker.dispose() },
  );
  return api;
}
