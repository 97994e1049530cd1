import * as l10n from '@vscode/l10n';
import { plainLine } from '../../common/plainText.ts';
import { AuthError } from '../authError.ts';
import type { LoginHints } from './flow.ts';
import { issuerOf, type Tenant } from '../tenant.ts';
import { inPlace } from '../../common/place.ts';

/**
 * What a sign-in with a code cannot ask the tenant for, with the ways out: Auth0's device endpoint takes client, scope
 * and audience alone. Undefined where nothing else is wished.
 * @throws AuthError `flow_unavailable` for an invitation, which nobody could accept that way
 */
export function codeLimits({
  tenant,
  hints,
}: {
  readonly tenant: Tenant;
  readonly hints: LoginHints;
}): string | undefined {
  const { prompt, organization, invitation, acrValues, maxAge } = hints;
  if (invitation !== undefined) {
    throw new AuthError(
      'flow_unavailable',
      l10n.t('An invitation cannot be accepted with a code. {0}', waysToLoopback()),
    );
  }
  const limits: string[] = [];
  if (prompt === 'login') {
    limits.push(
      l10n.t(
        'A code cannot ask for another account: whoever is logged in at {0} in that browser comes back. To be somebody else, log out there first ({1}), or enter the code in a private window.',
        new URL(issuerOf(tenant)).host,
        inPlace({
          editor: l10n.t('"Omnispindle: Sign Out" can do that'),
          terminal: l10n.t('"omnispindle logout --browser" shows the address'),
        }),
      ),
    );
  }
  if (organization !== undefined) {
    limits.push(
      l10n.t(
        'A code cannot ask for the organization {0}: choose it on the login page, where that asks; a sign-in to another one, or to none, is refused.',
        plainLine(organization),
      ),
    );
  }
  if (acrValues !== undefined || maxAge !== undefined) {
    limits.push(l10n.t('A code cannot ask for the stronger or newer sign-in that is demanded.'));
  }
  return limits.length > 0 ? [...limits, waysToLoopback()].join(' ') : undefined;
}

function waysToLoopback(): string {
  return inPlace({
    editor: l10n.t(
      'Or sign in with a browser that comes back here: forward port 8765 of that machine to yours, and set omnispindle.signIn.flow to "loopback".',
    ),
    terminal: l10n.t(
      'Or sign in with a browser that comes back here: forward its port (ssh -L 8765:localhost:8765 HOST), and run "omnispindle login" there with BROWSER=none.',
    ),
  });
}
