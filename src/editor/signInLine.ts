import * as l10n from '@vscode/l10n';
import type { SignInEvent } from '../sessions/signInEvent.ts';
import { signInWords } from '../sessions/signInWords.ts';

/**
 * What the editor's status bar says of a sign-in, without addresses and codes: a notification, a dialog and the
 * browser show those already, in the window that signs in.
 */
export function signInLine(event: SignInEvent): string | undefined {
  if (event.elsewhere) return l10n.t('A sign-in is already open in another window or program.');
  return event.type === 'flow' || event.type === 'pass' || event.type === 'unkept'
    ? signInWords(event)
    : undefined;
}
