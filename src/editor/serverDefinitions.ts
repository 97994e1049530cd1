import * as vscode from 'vscode';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Log } from '../auth/log.ts';
import type { BrokerGrant, BrokerHost } from '../broker/host.ts';
import type { Provider } from './authenticationProvider.ts';
import { sessionByConsent } from './consent.ts';
import { tenantSetting } from './settings.ts';

const definitionsId = 'omnispindle.servers';
const bundledLabel = 'Omnispindle';

export interface ServerDefinitionOptions {
  readonly context: vscode.ExtensionContext;
  readonly authenticator: Authenticator;
  readonly provider: Provider;
  readonly broker: BrokerHost;
  readonly log: Log;
}

/** A server that runs, or ran, as somebody. */
interface Running {
  readonly account: string;
  readonly grant: BrokerGrant;
}

/**
 * Contributes our MCP servers (VS Code API, `lm.registerMcpServerDefinitionProvider`). A server gets no
 * token but a key to the broker, so that what it uses is always good now. A change of account gives it a new
 * version, which makes the editor start it anew.
 */
export function registerServerDefinitions({
  context,
  authenticator,
  provider,
  broker,
  log,
}: ServerDefinitionOptions): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const running = new Map<string, Running>();
  let revision = 0;

  function restart(): void {
    revision++;
    changed.fire();
  }

  const definitions: vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition> = {
    onDidChangeMcpServerDefinitions: changed.event,

    provideMcpServerDefinitions: () => [
      new vscode.McpStdioServerDefinition(
        bundledLabel,
        process.execPath,
        [vscode.Uri.joinPath(context.extensionUri, 'dist', 'cli.js').fsPath, 'serve'],
        {},
        `${String(context.extension.packageJSON.version)}-${String(revision)}`,
      ),
    ],

    async resolveMcpServerDefinition(definition) {
      const { account } = await sessionByConsent();
      running.get(definition.label)?.grant.revoke();
      const grant = await broker.grant(account.id);
      running.set(definition.label, { account: account.id, grant });
      log.info(`${definition.label} starts as ${account.label}.`);
      definition.env = { ...definition.env, ...nodeEnvironment(), ...tenantEnvironment(), ...grant.env };
      return definition;
    },
  };
  const registration = vscode.lm.registerMcpServerDefinitionProvider(definitionsId, definitions);

  // A sign-out takes the tokens back and no more: the server's next call asks the person again, and
  // completes, while a restart would cancel it. Only another person needs another process.
  const watching = provider.onDidChangeSessions(async ({ added = [], removed = [] }) => {
    if (removed.length > 0) broker.invalidate();
    if (added.length === 0) return;
    const accounts = new Set((await authenticator.list()).map(session => session.account.id));
    const left = [...running.values()].filter(({ account }) => !accounts.has(account));
    for (const { grant } of left) grant.revoke();
    if (left.length > 0) restart();
  });

  return vscode.Disposable.from(registration, watching, changed);
}

/** On desktop `process.execPath` is Electron, which must be told to be Node. */
function nodeEnvironment(): Record<string, string> {
  return process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {};
}

function tenantEnvironment(): Record<string, string> {
  const { domain, clientId, audience } = tenantSetting();
  return { AUTH0_DOMAIN: domain, AUTH0_CLIENT_ID: clientId, AUTH0_AUDIENCE: audience };
}
