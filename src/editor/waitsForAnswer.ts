import * as vscode from 'vscode';
import type { SignInEvent } from '../sessions/signInEvent.ts';

/** That a call waits for the person, so that its client does not give it up. */
export function waitsForAnswer(): SignInEvent {
  return { type: 'message', message: vscode.l10n.t('Waiting for your answer in the editor.') };
}
