import * as l10n from '@vscode/l10n';
import { plainText } from '../common/plainText.ts';
import { passWords } from '../sessions/signInWords.ts';
import type { SignInEvent } from '../sessions/signInEvent.ts';

/** What a person reads beside the address of a sign-in that their MCP client shows them. */
export function elicitationWords(event: SignInEvent, notices: Iterable<string> = []): string {
  return plainText(
    [
      l10n.t('Sign in to Omnispindle'),
      ...(event.notice === undefined ? [] : [event.notice]),
      ...(event.passFor === undefined ? [] : [passWords(event.passFor)]),
      ...(event.elsewhere ? [l10n.t('A sign-in is already open.')] : []),
      ...(event.type === 'deviceCode' ? [l10n.t('Enter the code {0} there.', event.userCode)] : []),
      // What an older version says may name a code.
      ...(event.type === 'message' ? [event.message] : []),
      ...notices,
    ].join('\n'),
  );
}
