import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/authError.ts';

/** Why a silent request got no token. */
export function needsPerson(): AuthError {
  return new AuthError(
    'login_required',
    l10n.t('A person has to sign in, or to answer a question, before there is a token.'),
  );
}
