import * as l10n from '@vscode/l10n';
import type { SignInEvent } from '../sessions/signInEvent.ts';

/** That a call waits for the person, so that its client does not give it up. */
export function waitsForAnswer(): SignInEvent {
  return { type: 'message', message: l10n.t('Waiting for your answer in the editor.') };
}
