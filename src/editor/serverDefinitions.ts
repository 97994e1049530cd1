import * as vscode from 'vscode';
import type { Log } from '../auth/log.ts';
import type { BrokerGrant, BrokerHost } from '../broker/host.ts';
import type { Provider } from './authenticationProvider.ts';
import { sessionByConsent } from './consent.ts';
import { tenantSetting } from './settings.ts';

const definitionsId = 'omnispindle.servers';
const bundledLabel = 'Omnispindle';

export interface ServerDefinitionOptions {
  readonly context: vscode.ExtensionContext;
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
 * token but a key to the broker, so that what it uses is always good now. A sign-out or a change of account
 * gives it a new version, which makes the editor start it anew.
 */
export function registerServerDefinitions({
  context,
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

  const watching = provider.onDidChangeSessions(({ added = [], removed = [] }) => {
    const stays = new Set(added.map(session => session.account.id));
    const gone = removed.map(session => session.account.id).filter(id => !stays.has(id));
    if (removed.length > 0) broker.invalidate();
    if ([...running.values()].some(({ account }) => gone.includes(account))) restart();
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
