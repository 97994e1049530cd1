import { isDeepStrictEqual } from 'node:util';
import * as l10n from '@vscode/l10n';
import { plainLine } from '../../../common/plainText.ts';
import { defaultCallbackPort } from '../../../auth/flows/names.ts';
import { defaultTenant, issuerOf } from '../../../auth/tenant.ts';
import { announce } from '../../announce.ts';
import { readEnvironment } from '../../environment.ts';
import { agree } from './ask.ts';

/** A tenant that a client's configuration is to name, so that a server signs in there whoever starts it. */
export interface TenantToWrite {
  /** For people. */
  readonly host: string;
  /** None of them is a secret. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Whether the tenant is written. */
export interface TenantOptions {
  readonly tenant?: boolean | undefined;
  /** The organization that the person has named, which counts instead of the environment's. */
  readonly organization?: string | undefined;
}

/**
 * The tenant that the environment, or a file that the person trusts, names instead of Omnispindle's own: all of it, as a
 * part of it would be another tenant. Whoever names a client is asked nothing; the result says that it was written.
 * @returns undefined where there is none, or it is not to be written
 * @throws OmnispindleError `invalid_settings`
 */
export async function tenantToWrite(options: TenantOptions): Promise<TenantToWrite | undefined> {
  if (options.tenant === false) return undefined;
  // A token is never written, and whether it is valid does not matter here.
  const env: NodeJS.ProcessEnv = { ...process.env, AUTH0_TOKEN: '' };
  if (options.organization !== undefined) env['AUTH0_ORGANIZATION'] = '';
  const { tenant, callbackPort, tenantNotice, fileNotice } = await readEnvironment({ env });
  if (fileNotice) announce([fileNotice]);
  if (!tenantNotice) return undefined;
  const { organization, ...named } = tenant;
  const isOther = !isDeepStrictEqual(named, defaultTenant);
  return {
    host: plainLine(new URL(issuerOf(tenant)).host),
    variables: {
      ...(isOther && {
        AUTH0_DOMAIN: tenant.domain,
        AUTH0_CLIENT_ID: tenant.clientId,
        AUTH0_AUDIENCE: tenant.audience,
      }),
      ...(organization !== undefined && { AUTH0_ORGANIZATION: organization }),
      // Each client of a tenant has callbacks of its own.
      ...(isOther && callbackPort !== defaultCallbackPort && { CALLBACK_PORT: String(callbackPort) }),
    },
  };
}

/** Whether the person wants that tenant written. @throws Interrupted */
export async function agreesTo({ host, variables }: TenantToWrite): Promise<boolean> {
  return agree(
    l10n.t(
      'Your environment names the tenant {0}. Write it ({1}) into the configuration, so that you sign in there?',
      host,
      Object.keys(variables).join(', '),
    ),
  );
}
