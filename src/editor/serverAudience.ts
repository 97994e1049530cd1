import * as vscode from 'vscode';
import { AuthError } from '../auth/authError.ts';
import { issuerOf } from '../auth/tenant.ts';
import type { Waiting } from '../broker/allowed.ts';
import { isOmnispindleError } from '../common/errors.ts';
import { plainLine } from '../common/plainText.ts';
import type { ConfiguredServer, RemoteServer } from './configuredServers.ts';
import { targetOf } from './launch.ts';
import { createPermissions } from './permissions.ts';
import type { SecretStore } from './secretStore.ts';
import type { AskedServer, ServerAnswers } from './serverAnswers.ts';
import { tenantSetting } from './settings.ts';

/** Finds out for which API a server's tokens are. */
export interface ServerAudiences {
  /**
   * The API, asking the server, and the person where it declares none: once, however many calls wait for it.
   * @throws OmnispindleError `access_denied` where the person does not let it have tokens for the default API,
   * `login_required` where they may not be asked; why no token may go to the server
   */
  of(name: string, server: ConfiguredServer, waiting: Waiting): Promise<string>;
}

/** Builds the {@link ServerAudiences} of this window. */
export function createServerAudiences(
  answers: ServerAnswers,
  secrets: Pick<SecretStore, 'of'>,
): ServerAudiences {
  /** What servers declared in this window. */
  const declared = new Map<string, string>();
  const may = createPermissions();

  /** @returns whether the person lets it have tokens for the default API */
  async function ask(name: string, server: RemoteServer, asked: AskedServer): Promise<boolean> {
    const isAllowed = await askForDefault(name, server, asked.audience);
    if (isAllowed) await answers.allowDefault(asked);
    return isAllowed;
  }

  return {
    async of(name, server, waiting) {
      const tenant = tenantSetting();
      if (server.audience !== undefined) return server.audience;
      // A command that the person typed is theirs; where it wants another API, they name it.
      if (!('url' in server)) return tenant.audience;
      const asked = { target: targetOf(server), audience: tenant.audience };
      const { headers } = await secrets.of(name, server, waiting);
      const found = await declaredAudienceOf({ ...server, headers }, issuerOf(tenant)).catch(
        (error: unknown) => {
          // Who is not there now has not changed its mind: what was known of it counts.
          const before = declared.get(asked.target);
          if (!isOmnispindleError(error, 'server_error') || before === undefined) throw error;
          return before;
        },
      );
      if (found !== undefined) {
        declared.set(asked.target, found);
        return found;
      }
      if (answers.mayHaveDefault(asked)) return tenant.audience;
      const isAllowed = await may(asked.target, waiting, () => ask(name, server, asked));
      if (!isAllowed) throw notAllowed(name);
      return tenant.audience;
    },
  };
}

/** Which API a remote server says its tokens are for; undefined where it says nothing. */
export async function declaredAudienceOf(
  { url, headers }: RemoteServer,
  issuer: string,
): Promise<string | undefined> {
  const { declaredAudience } = await import('../bridge/remote/resource/declaredAudience.ts');
  return declaredAudience(new URL(url), { issuer, headers, userAgent: 'omnispindle' });
}

/** Asks whether a server that declares nothing may have tokens for the tenant's default API. */
export async function askForDefault(
  name: string,
  { url }: Pick<RemoteServer, 'url'>,
  audience: string,
): Promise<boolean> {
  const allow = vscode.l10n.t('Allow');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      '{0} does not say which API its tokens are for. May it have a token for your default API, {1}?',
      plainLine(name),
      plainLine(audience),
    ),
    {
      modal: true,
      detail: vscode.l10n.t(
        'It is at {0}. With that token, whoever runs it can do there everything that you can. If you know its API, cancel, and set "audience" for this server in the setting omnispindle.servers.',
        plainLine(url),
      ),
    },
    allow,
  );
  return answer === allow;
}

function notAllowed(name: string): AuthError {
  return new AuthError(
    'access_denied',
    vscode.l10n.t(
      '{0} does not say which API its tokens are for, and you did not let it have one for your default API, so it gets none. Set "audience" for this server in the setting omnispindle.servers, or call it again in five minutes to be asked again.',
      plainLine(name),
    ),
  );
}
