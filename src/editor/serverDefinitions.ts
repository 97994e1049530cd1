import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import { messageOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { ensurePrivateDirectory } from '../platform/paths.ts';
import { homeDirectory } from '../platform/settingPath.ts';
import type { BrokerHost } from '../broker/host.ts';
import { editorAccount } from './accountId.ts';
import { providerId, type Provider } from './authenticationProvider.ts';
import { launchOf, type Launch } from './launch.ts';
import { createSettingErrors } from './messages.ts';
import { bundledServer, configuredServers } from './configuredServers.ts';
import { affectsNetwork, networkEnvironment } from './network.ts';
import { createRunningServers, type Running } from './runningServers.ts';
import type { ServerAccounts } from './serverAccounts.ts';
import type { ServerSignIns } from './serverSignIns.ts';
import type { TermsOf } from './serverTerms.ts';
import { affectsServers, affectsTenant, tenantSetting } from './settings.ts';

const definitionsId = 'omnispindle.servers';
/** The parts that the definitions of servers are made from. */
export interface ServerDefinitionOptions {
  readonly context: vscode.ExtensionContext;
  readonly authenticator: Authenticator;
  readonly provider: Provider;
  readonly broker: BrokerHost;
  readonly accounts: ServerAccounts;
  readonly signIns: ServerSignIns;
  readonly termsOf: TermsOf;
  readonly log: Log;
}

/** Our servers, as the commands see them. */
export interface ServerDefinitions extends vscode.Disposable {
  /** Their names, the bundled one first. */
  names(): string[];
  /**
   * Makes the editor start that server again, as the account that is chosen for it now. Resolves when the one
   * before has ended.
   */
  restart(server: string): Promise<void>;
}

/**
 * Contributes our MCP servers (VS Code API, `lm.registerMcpServerDefinitionProvider`): the bundled one and
 * the person's own. A server gets no token but a key to the broker, so that what it uses is always valid.
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
  log,
}: ServerDefinitionOptions): ServerDefinitions {
  const changed = new vscode.EventEmitter<void>();
  const running = createRunningServers({
    onRestart: () => {
      changed.fire();
    },
    isChosen: server => accounts.chosen(server) !== undefined,
    async preferredAccount() {
      const session = await vscode.authentication.getSession(providerId, [], { silent: true });
      return session?.account.id;
    },
    accounts: async () => (await authenticator.list()).map(({ account }) => editorAccount(account).id),
  });
  const tellErrors = createSettingErrors(log);
  const cli = vscode.Uri.joinPath(context.extensionUri, 'dist', 'cli.js').fsPath;

  // Also for whoever starts a server without us, as the agent host does.
  const madeStorage = ensurePrivateDirectory(context.globalStorageUri.fsPath, log).catch((error: unknown) => {
    log.error(messageOf(error));
  });

  /**
   * Without a directory of its own a server runs in the person's home, or, in the agent host, in the workspace:
   * there `npx` for example would start whatever the workspace has put into its `node_modules/.bin`.
   */
  function directoryOf({ args }: Launch): vscode.Uri {
    // A local server may read files of the person's; ours read none.
    return args[0] === 'run' ? vscode.Uri.file(homeDirectory()) : context.globalStorageUri;
  }

  function define(server: string, launch: Launch): vscode.McpStdioServerDefinition {
    const { args } = launch;
    const env = { ...launch.env, ...networkEnvironment() };
    const version = (context.extension.packageJSON as { version: string }).version;
    const content = createHash('sha256')
      .update(JSON.stringify([args, env]))
      .digest('hex')
      .slice(0, 8);
    const definition = new vscode.McpStdioServerDefinition(
      server,
      process.execPath,
      [cli, ...args],
      env,
      [version, content, running.revision(server)].join('-'),
    );
    definition.cwd = directoryOf(launch);
    return definition;
  }

  const definitions: vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition> = {
    onDidChangeMcpServerDefinitions: changed.event,

    provideMcpServerDefinitions() {
      const { servers, errors } = configuredServers();
      tellErrors(errors);
      return [
        define(bundledServer, { args: ['serve'], env: {} }),
        ...[...servers].map(([name, server]) => define(name, launchOf(server))),
      ];
    },

    async resolveMcpServerDefinition(definition) {
      const server = definition.label;
      await madeStorage;
      running.revoke(server);
      const grant = await broker.grantLate(
        termsOf({
          name: server,
          configured: configuredServers().servers.get(server),
          onAccount(account) {
            its.account = account.id;
          },
        }),
      );
      const its: Running = { grant };
      running.add(server, its);
      log.info(`${server} starts.`);
      definition.env = {
        ...definition.env,
        ...nodeEnvironment(),
        // The bundled server checks tokens by itself; in another's environment these names are its own.
        ...(server === bundledServer && tenantEnvironment()),
        ...grant.env,
      };
      return definition;
    },
  };

  function notFollowed(error: unknown): void {
    log.error(String(error));
  }

  const watching = vscode.Disposable.from(
    vscode.lm.registerMcpServerDefinitionProvider(definitionsId, definitions),
    provider.onDidChangeAccounts(async ({ signedIn, signedOut }) => {
      if (signedOut) broker.invalidate();
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
      if (affectsServers(change) || affectsNetwork(change)) changed.fire();
    }),
    changed,
  );

  return {
    names: () => [bundledServer, ...configuredServers().servers.keys()],
    restart(server) {
      signIns.forget(server);
      return running.restart(server);
    },
    dispose: () => {
      watching.dispose();
    },
  };
}

/** On desktop `process.execPath` is Electron, which must be told to be Node. */
function nodeEnvironment(): Record<string, string> {
  return process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {};
}

function tenantEnvironment(): Record<string, string> {
  const { domain, clientId, audience, organization } = tenantSetting();
  return {
    AUTH0_DOMAIN: domain,
    AUTH0_CLIENT_ID: clientId,
    AUTH0_AUDIENCE: audience,
    // Named none, it must not take that of the environment.
    AUTH0_ORGANIZATION: organization ?? '',
  };
}
