import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../common/errors.ts';

/** That a server does not declare its API (RFC 9728), with what `move` can be told instead. */
export function undeclared({ origin }: URL): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      '{0} does not say which API its tokens are for, so no token was sent. Ask whoever runs the server; if you know it, add {1} to the command.',
      origin,
      '--audience <identifier>',
    ),
  );
}

/** That a server wants scopes, or a sign-in, that no team's server wants: it is not asked for on its behalf. */
export function wantsMore({ origin }: URL): OmnispindleError {
  return new OmnispindleError(
    'access_denied',
    l10n.t(
      '{0} wants more than a team’s server of Omnispindle needs, and did not get it. Check the address with whoever runs the server.',
      origin,
    ),
  );
}
