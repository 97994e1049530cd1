import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { AuthError } from '../auth/authError.ts';
import type { BrokerGrant, BrokerHost } from '../broker/host.ts';
import { OmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import type { GivenTokens } from './givenTokens.ts';

/** Whose tokens a server of another extension is to get, and what the server is called. */
export interface ServerEnvironmentOptions {
  /** As `vscode.authentication.getSession('omnispindle', …)` gave it in this window. */
  readonly session: Pick<vscode.AuthenticationSession, 'accessToken'>;
  /** The server's name, for the log. */
  readonly name: string;
}

const optionsSchema = z.object({
  session: z.object({ accessToken: z.string().check(z.minLength(1)) }),
  name: z.string().check(z.trim(), z.minLength(1), z.maxLength(128)),
});

/** How many servers of other extensions may have a key; whose was made first then loses it. */
const mostGrants = 64;

/** The parts that make an environment. */
export interface ServerEnvironmentParts {
  readonly broker: Pick<BrokerHost, 'grant'>;
  readonly given: GivenTokens;
  readonly log: Log;
}

/**
 * Builds what makes the environment of another extension's server: a key for the account, the API and the scopes that the
 * session was given for.
 * @returns what carries it out; it throws OmnispindleError `invalid_settings` for wrong options, `access_denied` for a
 * session that is not ours
 */
export function createServerEnvironment({ broker, given, log }: ServerEnvironmentParts) {
  const grants: BrokerGrant[] = [];
  return async function serverEnvironment(
    options: ServerEnvironmentOptions,
  ): Promise<Record<string, string>> {
    const parsed = optionsSchema.safeParse(options);
    if (!parsed.success) {
      throw new OmnispindleError(
        'invalid_settings',
        vscode.l10n.t(
          'serverEnvironment() takes the session that vscode.authentication.getSession gave, and the name of a server (at most 128 characters): {0}',
          z.prettifyError(parsed.error),
        ),
      );
    }
    const { session, name } = parsed.data;
    const known = given.find(session.accessToken);
    if (!known) {
      throw new AuthError(
        'access_denied',
        vscode.l10n.t(
          'That session is not one that this window gave. Take it from vscode.authentication.getSession("omnispindle", …) each time the server starts, and give it to serverEnvironment().',
        ),
      );
    }
    const { account, audience, scopes } = known;
    const grant = await broker.grant(account.id, { ...(audience !== undefined && { audience }), scopes });
    grants.push(grant);
    if (grants.length > mostGrants) void grants.shift()?.revoke();
    log.info(`${name}, of another extension, starts as ${account.label}.`);
    return grant.env;
  };
}
