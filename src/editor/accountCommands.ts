import * as vscode from 'vscode';
import { messageOf } from '../common/errors.ts';
import type { Session } from '../sessions/session.ts';
import type { SignedOut } from '../sessions/signOut.ts';
import { providerId } from './authenticationProvider.ts';
import type { CommandOptions } from './commands.ts';
import { notice } from './notice.ts';
import { logOutOfBrowser } from './openAddress.ts';

/** What the editor's errors say where the person says no to its questions, in every language (VS Code, MainThreadAuthentication). */
const noToEditor = /^User did not consent/;

/** The parts that the commands about accounts act on. */
type AccountCommandOptions = Pick<CommandOptions, 'authenticator' | 'provider' | 'signInWithCode'>;

/**
 * Signs in by the editor's own dialogs, so that it also asks which account the tools are to use.
 * @throws Error where the editor cannot sign in; not where the person does not want to
 */
export async function signIn({ authenticator, provider }: AccountCommandOptions): Promise<void> {
  const another = (await authenticator.list()).length > 0;
  try {
    const session = await vscode.authentication.getSession(providerId, [], {
      createIfNone: true,
      clearSessionPreference: another,
    });
    welcome(session.account.label);
  } catch (error) {
    const message = messageOf(error);
    // The provider has told the person already: the editor passes on an error's words alone.
    const isKnown = noToEditor.test(message) || messageOf(provider.lastFailure()) === message;
    if (!isKnown) throw error;
  }
}

/** Signs in by a code, whatever the settings say. */
export async function signInWithDeviceCode({
  provider,
  signInWithCode,
}: AccountCommandOptions): Promise<void> {
  const session = await signInWithCode();
  await provider.refresh();
  welcome(session.account.label);
}

/** Signs in by an invitation to an organization that the person pastes. */
export async function invite({ authenticator, provider }: AccountCommandOptions): Promise<void> {
  const session = await (await import('./acceptInvitation.ts')).acceptInvitation(authenticator);
  if (!session) return;
  await provider.refresh();
  welcome(session.account.label);
}

/**
 * Signs an account out after asking, of the browser too where the person wants that.
 * @param id the session, where the person has pointed at one; else they are asked
 */
export async function signOut(options: AccountCommandOptions, id?: string): Promise<void> {
  const { authenticator, provider } = options;
  const session = await pickAccount(options, vscode.l10n.t('Which account do you want to sign out?'), id);
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
  if (answer === everywhere) await logOutOfBrowser(session);
}

/** Shows who is signed in, and where. */
export async function showAccount(options: AccountCommandOptions): Promise<void> {
  const session = await pickAccount(options, vscode.l10n.t('Which account do you want to see?'));
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

async function pickAccount(
  options: AccountCommandOptions,
  title: string,
  id?: string,
): Promise<Session | undefined> {
  const sessions = await options.authenticator.list();
  if (sessions.length === 0) {
    const yes = vscode.l10n.t('Sign In');
    const answer = await vscode.window.showInformationMessage(vscode.l10n.t('Nobody is signed in.'), yes);
    if (answer === yes) await signIn(options);
    return undefined;
  }
  if (id !== undefined) return sessions.find(session => session.id === id);
  if (sessions.length === 1) return sessions[0];
  const items = sessions.map(session => ({
    label: session.account.label,
    description: session.account.name ?? '',
    session,
  }));
  return (await vscode.window.showQuickPick(items, { title }))?.session;
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
