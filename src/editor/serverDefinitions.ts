import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import { messageOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { ensurePrivateDirectory } from '../platform/paths.ts';
import type { BrokerHost } from '../broker/host.ts';
import { editorAccount } from './accountId.ts';
import type { AgentServers } from './agentServers.ts';
import { providerId, type Provider } from './authenticationProvider.ts';
import { preferredAccount } from './consent.ts';
import type { Definitions } from './definition.ts';
import { late } from './late.ts';
import { registerMcpServers } from './mcpRegistration.ts';
import { showError } from './messages.ts';
import { affectsNetwork } from './network.ts';
import { createRunningServers, type Running } from './runningServers.ts';
import { fieldsOf, secretNamesOf } from './secretReferences.ts';
import type { SecretStore } from './secretStore.ts';
import { bundledServer } from './bundledServer.ts';
import { readServers } from './readServers.ts';
import type { ServerAccounts } from './serverAccounts.ts';
import { createSettingMistakes } from './settingMistakes.ts';
import type { ServerNews } from './serverNews.ts';
import type { ServerSignIns } from './serverSignIns.ts';
import type { TermsOf } from './serverTerms.ts';
import { affectsOwnServer, affectsServers, affectsTenant } from './settings.ts';
import type { WalkthroughSteps } from './walkthroughSteps.ts';

/** The parts that the definitions of servers are made from. */
export interface ServerDefinitionOptions {
  readonly context: vscode.ExtensionContext;
  readonly authenticator: Authenticator;
  readonly provider: Provider;
  readonly broker: BrokerHost;
  readonly accounts: ServerAccounts;
  readonly signIns: ServerSignIns;
  readonly termsOf: TermsOf;
  readonly definitions: Definitions;
  /** The servers that agents have started by these definitions. */
  readonly agents: AgentServers;
  readonly secrets: SecretStore;
  readonly news: Pick<ServerNews, 'forget'>;
  readonly steps: Pick<WalkthroughSteps, 'onServerStart'>;
  readonly log: Log;
}

/** Our servers, as the commands see them. */
export interface ServerDefinitions extends vscode.Disposable {
  /** Whether the editor takes servers from us. */
  readonly takesServers: boolean;
  /** What the editor is to know of them has changed. */
  readonly onDidChange: vscode.Event<void>;
  /** Their names, the one of ours first. */
  names(): Promise<string[]>;
  /**
   * Makes the editor start that server again, as the account that is chosen for it now. Resolves when the one
   * before has ended.
   */
  restart(server: string): Promise<void>;
}

/**
 * Contributes our MCP servers: the bundled one, or the team's, and the person's own. A server gets no token but a key to the broker, so that what it uses is always valid.
 * A change of account gives it a new version, which makes the editor start it again.
 */
export function registerServerDefinitions({
  context,
  authenticator,
  provider,
  broker,
  accounts,
  signIns,
  termsOf,
  definitions,
  agents,
  secrets,
  news,
  steps,
  log,
}: ServerDefinitionOptions): ServerDefinitions {
  const changed = new vscode.EventEmitter<void>();
  const running = createRunningServers({
    onRestart: () => {
      changed.fire();
    },
    isChosen: server => accounts.chosen(server) !== undefined,
    preferredAccount: async () => (await preferredAccount())?.id,
    joined: agents.list,
    accounts: async () => (await authenticator.list()).map(({ account }) => editorAccount(account).id),
  });
  const settingMistakes = createSettingMistakes(context.globalState, log);
  const plainSecrets = late(async () =>
    (await import('./plainSecrets.ts')).createPlainSecrets(context.globalState, secrets),
  );
  // Also for whoever starts a server without us, as the agent host does.
  const madeStorage = ensurePrivateDirectory(context.globalStorageUri.fsPath, log).catch((error: unknown) => {
    log.error(messageOf(error));
  });

  /** What the setting of each server said that is not in its definition. */
  const lastSecrets = new Map<string, string>();

  /** Starts servers again whose definition is the same, but not what the window tells them besides. */
  async function followSecrets(): Promise<void> {
    for (const [name, configured] of (await readServers()).servers) {
      const secrets = JSON.stringify(fieldsOf(configured));
      const before = lastSecrets.get(name);
      lastSecrets.set(name, secrets);
      if (before !== undefined && before !== secrets) void running.restart(name);
    }
  }
  void followSecrets().catch(notFollowed);

  const definitionProvider: vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition> = {
    onDidChangeMcpServerDefinitions: changed.event,

    async provideMcpServerDefinitions() {
      const { servers, mistakes } = await readServers();
      settingMistakes.tell(mistakes);
      plainSecrets()
        .then(tellOfPlainSecrets => tellOfPlainSecrets(servers))
        .catch((error: unknown) => {
          showError(error, log);
        });
      return Array.from(servers, ([name, server]) =>
        definitions.define(name, server, running.revision(name)),
      );
    },

    async resolveMcpServerDefinition(definition) {
      const server = definition.label;
      await madeStorage;
      const { servers } = await readServers();
      running.revoke(server);
      const grant = await broker.grantLate(
        termsOf({
          name: server,
          configured: servers.get(server),
          onAccount(account) {
            its.account = account.id;
          },
        }),
      );
      const its: Running = { grant };
      running.add(server, its);
      log.info(`${server} starts.`);
      steps.onServerStart(server);
      definition.env = { ...definition.env, ...grant.env };
      return definition;
    },
  };

  /** Starts the servers again that use that secret. */
  async function restartUsers(secret: string): Promise<void> {
    for (const [name, server] of (await readServers()).servers) {
      if (secretNamesOf(server).includes(secret)) void running.restart(name);
    }
  }

  /** Another server has the name from now on: what is known of the one before does not count for it. */
  function replaceOwn(): void {
    signIns.forget(bundledServer);
    news.forget(bundledServer);
    void running.restart(bundledServer);
  }

  function notFollowed(error: unknown): void {
    log.error(String(error));
  }

  const registration = registerMcpServers(definitionProvider, context, log);
  const watching = vscode.Disposable.from(
    registration,
    provider.onDidChangeAccounts(async ({ signedIn }) => {
      // After a sign-in, too: a server that has waited for one can then show what it has.
      broker.invalidate();
      if (signedIn) await running.followAccounts(true).catch(notFollowed);
    }),
    // The editor also fires this when the person prefers another account.
    vscode.authentication.onDidChangeSessions(async ({ provider: { id } }) => {
      if (id === providerId) await running.followAccounts(false).catch(notFollowed);
    }),
    vscode.workspace.onDidChangeConfiguration(change => {
      if (affectsTenant(change)) {
        signIns.forget();
        running.restartAll();
      }
      if (affectsNetwork(change)) running.restartAll();
      if (affectsServers(change)) void followSecrets().catch(notFollowed);
      const isOwn = affectsOwnServer(change);
      if (isOwn) replaceOwn();
      if (isOwn || affectsServers(change) || affectsTenant(change)) {
        void agents.revokeChanged().catch(notFollowed);
      }
      if (affectsServers(change) || affectsTenant(change) || affectsNetwork(change)) changed.fire();
    }),
    secrets.onDidChange(secret => void restartUsers(secret).catch(notFollowed)),
    changed,
    settingMistakes,
  );

  return {
    takesServers: registration.takesServers,
    onDidChange: changed.event,
    names: async () => [...(await readServers()).servers.keys()],
    restart(server) {
      signIns.forget(server);
      return running.restart(server);
    },
    dispose: () => {
      watching.dispose();
    },
  };
}
