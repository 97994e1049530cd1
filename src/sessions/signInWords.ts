import * as l10n from '@vscode/l10n';
import { plainLine } from '../common/plainText.ts';
import type { SignInEvent } from './signInEvent.ts';

/** What a sign-in waits for, in words for whoever reads text alone: a terminal, the progress of a call. */
export function signInWords(event: SignInEvent): string {
  const words = wordsOf(event);
  const all = event.elsewhere ? l10n.t('A sign-in is already open. {0}', words) : words;
  return event.notice === undefined ? all : `${event.notice}\n${all}`;
}

/** Why a person who is signed in sees the browser once more. */
export function passWords(audience: string): string {
  return l10n.t(
    'A token for {0} takes one more pass through the browser; there is nothing to type.',
    plainLine(audience),
  );
}

function wordsOf(event: SignInEvent): string {
  switch (event.type) {
    case 'browser':
      return event.opened
        ? l10n.t('Waiting for the sign-in in the browser. If no page opened, open {0}', event.url)
        : l10n.t('Open this address in a browser to sign in: {0}', event.url);
    case 'deviceCode':
      return l10n.t('To sign in, open {0} and enter the code {1}', event.verificationUri, event.userCode);
    case 'flow':
      return event.reason;
    case 'pass':
      return passWords(event.audience);
    case 'editor':
      return event.host === undefined
        ? l10n.t('Waiting for you to sign in in the editor.')
        : l10n.t('Waiting for you to sign in in the editor, at {0}.', event.host);
    case 'unkept':
      return l10n.t(
        'You are signed in as {0}, but only until this program ends, because that could not be kept. {1}',
        event.label,
        event.reason,
      );
    case 'message':
      return event.message;
  }
}
