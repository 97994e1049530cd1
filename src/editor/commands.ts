import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import { messageOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import type { Session } from '../sessions/session.ts';
import type { SignedOut } from '../sessions/signOut.ts';
import type { AgentConsents } from './agentConsents.ts';
import type { AgentServers } from './agentServers.ts';
import { providerId, type Provider } from './authenticationProvider.ts';
import { openOrShow } from './openAddress.ts';
import { showError } from './messages.ts';
import { notice } from './notice.ts';
import { revokeAgents } from './revokeAgents.ts';
import type { ServerAccounts } from './serverAccounts.ts';
import type { ServerAnswers } from './serverAnswers.ts';
import type { SecretStore } from './secretStore.ts';
import type { ServerDefinitions } from './serverDefinitions.ts';

/** What the editor's errors say where the person says no to its questions, in every language (VS Code, MainThreadAuthentication). */
const noToEditor = /^User did not consent/;

/** The parts that the commands act on. */
export interface CommandOptions {
  readonly authenticator: Authenticator;
  /** Signs in with a device code, whatever the settings say. */
  readonly signInWithCode: () => Promise<Session>;
  readonly provider: Provider;
  readonly accounts: ServerAccounts;
  /** What the person said that servers may have. */
  readonly answers: ServerAnswers;
  /** The secrets of servers. */
  readonly secrets: SecretStore;
  readonly definitions: ServerDefinitions;
  /** Which agents the person lets use their servers, and what they have started. */
  readonly agentConsents: AgentConsents;
  readonly agents: AgentServers;
  readonly channel: vscode.LogOutputChannel;
  readonly log: Log;
}

/** Registers what the command palette offers. */
export function registerCommands(options: CommandOptions): vscode.Disposable {
  const { authenticator, provider, channel, log } = options;
  const commands: Record<string, () => Promise<void>> = {
    'omnispindle.signIn': signIn,
    'omnispindle.signOut': signOut,
    'omnispindle.signInWithDeviceCode': signInWithDeviceCode,
    'omnispindle.acceptInvitation': invite,
    'omnispindle.showAccount': showAccount,
    'omnispindle.addServer': async () => (await import('./addServer.ts')).addServer(options),
    'omnispindle.manageSecrets': async () =>
      (await import('./manageSecrets.ts')).manageSecrets(options.secrets),
    'omnispindle.chooseAccount': async () => (await import('./chooseAccount.ts')).chooseAccount(options),
    'omnispindle.revokeAgents': () => revokeAgents(options.agentConsents, options.agents.revoke),
    'omnispindle.showLog': async () => {
      channel.show();
    },
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([id, run]) =>
      vscode.commands.registerCommand(id, async () => {
        try {
          await run();
        } catch (error) {
          showError(error, log);
        }
      }),
    ),
  );

  /** By the editor's own dialogs, so that it also asks which account the tools are to use. */
  async function signIn(): Promise<void> {
    const another = (await authenticator.list()).length > 0;
    try {
      const session = await vscode.authentication.getSession(providerId, [], {
        createIfNone: true,
        clearSessionPreference: another,
      });
      welcome(session.account.label);
    } catch (error) {
      if (!isKnown(messageOf(error))) throw error;
    }
  }

  /** Whether the person has said it, or the provider has told them: the editor passes on an error's words alone. */
  function isKnown(message: string): boolean {
    return noToEditor.test(message) || messageOf(provider.lastFailure()) === message;
  }

  async function signInWithDeviceCode(): Promise<void> {
    const session = await options.signInWithCode();
    await provider.refresh();
    welcome(session.account.label);
  }

  async function invite(): Promise<void> {
    const session = await (await import('./acceptInvitation.ts')).acceptInvitation(authenticator);
    if (!session) return;
    await provider.refresh();
    welcome(session.account.label);
  }

  async function signOut(): Promise<void> {
    const session = await pickAccount(vscode.l10n.t('Which account do you want to sign out?'));
    if (!session) return;
    const here = vscode.l10n.t('Sign Out');
    const everywhere = vscode.l10n.t('Sign Out of the Browser Too');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('Sign out {0}?', session.account.label),
      {
        modal: true,
        detail: vscode.l10n.t(
          'Tools that run as this account will ask to sign in again. The browser may stay logged in, so that the next sign-in there needs no password.',
        ),
      },
      here,
      everywhere,
    );
    if (answer === undefined) return;
    const done = await authenticator.signOut(session.id);
    await provider.refresh();
    sayGoodbye(session.account.label, done);
    if (answer !== everywhere) return;
    const { browserLogout } = await import('../auth/browserLogout.ts');
    await openOrShow(await browserLogout(session.tenant, session.sid));
  }

  async function showAccount(): Promise<void> {
    const session = await pickAccount(vscode.l10n.t('Which account do you want to see?'));
    if (!session) return;
    const { label, name, id } = session.account;
    void vscode.window.showInformationMessage(
      notice(
        vscode.l10n.t(
          'Signed in as {0} at {1}.',
          [name, label, id].filter(Boolean).join(', '),
          session.tenant.domain,
        ),
      ),
    );
  }

  async function pickAccount(title: string): Promise<Session | undefined> {
    const sessions = await authenticator.list();
    if (sessions.length === 0) {
      const yes = vscode.l10n.t('Sign In');
      const answer = await vscode.window.showInformationMessage(vscode.l10n.t('Nobody is signed in.'), yes);
      if (answer === yes) await signIn();
      return undefined;
    }
    if (sessions.length === 1) return sessions[0];
    const items = sessions.map(session => ({
      label: session.account.label,
      description: session.account.name ?? '',
      session,
    }));
    return (await vscode.window.showQuickPick(items, { title }))?.session;
  }
}

function sayGoodbye(label: string, { untold, accessTokenEnds }: SignedOut = {}): void {
  const ends =
    accessTokenEnds === undefined
      ? ''
      : vscode.l10n.t(
          'An access token that a program still holds counts until {0}.',
          new Date(accessTokenEnds).toLocaleTimeString(),
        );
  const text = [vscode.l10n.t('{0} is signed out.', label), untold, ends].filter(Boolean).join(' ');
  void (untold === undefined
    ? vscode.window.showInformationMessage(notice(text))
    : vscode.window.showWarningMessage(notice(text)));
}

function welcome(label: string): void {
  void vscode.window.showInformationMessage(notice(vscode.l10n.t('You are signed in as {0}.', label)));
}
