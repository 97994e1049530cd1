import type { AuthenticationSessionAccountInformation } from 'vscode';
import type { Account } from '../sessions/session.ts';

/** An account as the editor knows it; its label is what the editor keeps consent and preferences by. */
export function editorAccount({ id, label }: Account): AuthenticationSessionAccountInformation {
  return { id, label };
}
