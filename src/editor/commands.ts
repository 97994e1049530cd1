import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import type { Session } from '../sessions/session.ts';
import type { TreeNode } from './accountTree.ts';
import type { AgentConsents } from './agentConsents.ts';
import type { AgentServers } from './agentServers.ts';
import type { Provider } from './authenticationProvider.ts';
import { bundledServer } from './bundledServer.ts';
import type { SettingMistake } from './configuredServers.ts';
import { showError } from './messages.ts';
import type { MoveTodosOptions } from './moveTodos.ts';
import type { ServerAccounts } from './serverAccounts.ts';
import type { ServerAnswers } from './serverAnswers.ts';
import type { SecretStore } from './secretStore.ts';
import type { ServerDefinitions } from './serverDefinitions.ts';

/** The parts that the commands act on. */
export interface CommandOptions extends MoveTodosOptions {
  readonly authenticator: Authenticator;
  /** Signs in with a device code, whatever the settings say. */
  readonly signInWithCode: () => Promise<Session>;
  readonly provider: Provider;
  readonly accounts: ServerAccounts;
  /** What the person said that servers may have. */
  readonly answers: () => Promise<ServerAnswers>;
  /** The secrets of servers. */
  readonly secrets: SecretStore;
  readonly definitions: ServerDefinitions;
  /** Which agents the person lets use their servers, and what they have started. */
  readonly agentConsents: () => Promise<AgentConsents>;
  readonly agents: AgentServers;
  readonly channel: vscode.LogOutputChannel;
}

/**
 * Registers what the command palette offers. What a command does is loaded when it runs.
 * @param options the parts that they act on
 */
export function registerCommands(options: CommandOptions): vscode.Disposable {
  const { channel, log } = options;
  const account = () => import('./accountCommands.ts');
  const signIn = async () => (await account()).signIn(options);
  const commands: Record<string, (node?: TreeNode) => Promise<void>> = {
    'omnispindle.signIn': signIn,
    // The editor asks by itself which account, where somebody is signed in; the palette has it by another name then.
    'omnispindle.signInWithAnotherAccount': signIn,
    'omnispindle.signOut': async node =>
      (await account()).signOut(options, node?.kind === 'account' ? node.session.id : undefined),
    'omnispindle.signInWithDeviceCode': async () => (await account()).signInWithDeviceCode(options),
    'omnispindle.acceptInvitation': async () => (await account()).invite(options),
    'omnispindle.showAccount': async () => (await account()).showAccount(options),
    'omnispindle.startServer': async () => (await import('./startServer.ts')).startBundledServer(),
    'omnispindle.addServer': async () =>
      (await import('./addServer.ts')).addServer({ ...options, answers: await options.answers() }),
    'omnispindle.removeServer': async node =>
      (await import('./removeServer.ts')).removeServer(options, serverOf(node)),
    'omnispindle.editServer': async node =>
      (await import('./openServerSetting.ts')).openServerSetting(settingOf(node)),
    'omnispindle.manageSecrets': async () =>
      (await import('./manageSecrets.ts')).manageSecrets(options.secrets),
    'omnispindle.chooseAccount': async node =>
      (await import('./chooseAccount.ts')).chooseAccount(options, serverOf(node)),
    'omnispindle.moveTodos': async () => (await import('./moveTodos.ts')).moveTodos(options),
    'omnispindle.revokeAgents': async () =>
      (await import('./revokeAgents.ts')).revokeAgents(await options.agentConsents(), options.agents.revoke),
    'omnispindle.showLog': async () => {
      channel.show();
    },
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([id, run]) =>
      vscode.commands.registerCommand(id, async (node?: TreeNode) => {
        try {
          await run(node);
        } catch (error) {
          showError(error, log);
        }
      }),
    ),
  );
}

/** Where the server of a line of the view is set. */
function settingOf(node: TreeNode | undefined): Partial<SettingMistake> {
  const server = serverOf(node);
  if (server === undefined) return {};
  return server === bundledServer ? { setting: 'omnispindle.server' } : { server };
}

/** The server of a line of the view, by which its menu calls a command. */
function serverOf(node: TreeNode | undefined): string | undefined {
  return node?.kind === 'server' ? node.name : undefined;
}
