import * as vscode from 'vscode';
import { parseInvitation } from '../auth/invitation.ts';
import type { Authenticator } from '../sessions/authenticator.ts';
import type { Session } from '../sessions/session.ts';
import { reason } from './configuredServers.ts';

/** Asks for the link of an invitation to an organization, and signs in by it. @returns undefined where none was given */
export async function acceptInvitation(authenticator: Authenticator): Promise<Session | undefined> {
  const link = await vscode.window.showInputBox({
    title: vscode.l10n.t('Link of the invitation'),
    prompt: vscode.l10n.t('Copy the whole link from the message that invites you. It counts once.'),
    placeHolder: 'https://…?invitation=…&organization=…',
    ignoreFocusOut: true,
    // The invitation is a secret until it is used.
    password: true,
    validateInput: value => reason(parseInvitation, value),
  });
  if (link === undefined) return undefined;
  return authenticator.signIn({ hints: parseInvitation(link) });
}
