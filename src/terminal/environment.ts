import * as l10n from '@vscode/l10n';
import { isOmnispindleError, OmnispindleError } from '../common/errors.ts';
import { defaultCallbackPort } from '../auth/flows/names.ts';
import { userDirectory } from '../platform/paths.ts';
import { settingText, unquoted } from '../common/settingText.ts';
import { parseTenant, type Tenant } from '../auth/tenant.ts';
import type { Notice } from '../sessions/tokenSource.ts';
import { isEditors } from '../broker/variables.ts';
import { settingsFile, type SettingName, type SettingsFile } from './settingsFile.ts';
import { otherTenant, type Origins } from './tenantNotice.ts';

/** What the environment, and a `.env` that the person trusts, say about us. */
export interface Environment {
  readonly tenant: Tenant;
  /** The API that somebody has named; absent where the tenant has Omnispindle's own. */
  readonly namedAudience?: string;
  /** Port of the loopback callback. */
  readonly callbackPort: number;
  /** A token that the environment gives, and where it was found. */
  readonly environmentToken?: {
    readonly token: string;
    /** In words for a person. */
    readonly origin: string;
    /** The settings file that it is from, where it is from one. */
    readonly file?: string;
  };
  /** The account to use where there are several. */
  readonly account?: string;
  /** That a file which is there does not count. */
  readonly fileNotice?: Notice;
  /** That the tenant is not Omnispindle's own. */
  readonly tenantNotice?: Notice;
}

/** Where settings are looked for. */
export interface EnvironmentOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Where a `.env` is looked for; by default the working directory. */
  readonly directory?: string | undefined;
  /** `--env-file`: the file the person names instead. */
  readonly envFile?: string | undefined;
  /** The file, where it has been read already. */
  readonly file?: SettingsFile;
  /** The tenant that a program names instead of the environment's. */
  readonly tenant?: Tenant | undefined;
  /** `--organization`: what the person names instead of `AUTH0_ORGANIZATION`. */
  readonly organization?: string | undefined;
}

/**
 * Reads our variables: the process's environment first, then the file that the person named, else a `.env`
 * in the working directory, where the person trusts it. A server that an editor started reads no file: a
 * workspace decides nothing there.
 * @throws OmnispindleError `invalid_settings`, naming the variable and where it was found.
 */
export async function readEnvironment({
  env = process.env,
  directory,
  envFile,
  file: readAlready,
  tenant: named,
  organization: namedOrganization,
}: EnvironmentOptions = {}): Promise<Environment> {
  const isOfEditor = isEditors(env);
  // Wrong, it is refused before anything is read, or written, at another place.
  if (env['OMNISPINDLE_DATA_DIR']) userDirectory(env);
  const file: SettingsFile =
    readAlready ?? (isOfEditor ? { values: {} } : await settingsFile({ env, directory, envFile }));
  const origins: Origins = {};

  function value(name: SettingName): string | undefined {
    const ours = read(name, env[name]);
    if (ours !== undefined) {
      origins[name] = l10n.t('the environment');
      return ours;
    }
    const found = inFile(() => read(name, file.values[name]));
    if (found !== undefined) origins[name] = file.path;
    return found;
  }

  /**
   * An error says where the setting was found, where people would not look for it.
   * @throws what `parse` throws, with the path of the file
   */
  function inFile<T>(parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      throw isOmnispindleError(error)
        ? new OmnispindleError(error.code, `${file.path ?? ''}: ${error.message}`)
        : error;
    }
  }

  function parsed<T>(name: SettingName, parse: () => T): T {
    return origins[name] === file.path && file.path !== undefined ? inFile(parse) : parse();
  }

  function originOf(name: SettingName): { readonly origin: string; readonly file?: string } {
    const origin = origins[name] ?? '';
    return { origin, ...(origin === file.path && { file: origin }) };
  }

  const domain = value('AUTH0_DOMAIN');
  const clientId = value('AUTH0_CLIENT_ID');
  const audience = value('AUTH0_AUDIENCE');
  const port = value('CALLBACK_PORT');
  const token = value('AUTH0_TOKEN');
  const account = value('OMNISPINDLE_ACCOUNT');
  const organization = namedOrganization ?? value('AUTH0_ORGANIZATION');
  if (namedOrganization !== undefined) origins.AUTH0_ORGANIZATION = '--organization';
  const tenant =
    named ?? parsed('AUTH0_DOMAIN', () => parseTenant({ domain, clientId, audience, organization }));
  const other = isOfEditor ? undefined : otherTenant(tenant, named ? l10n.t('this program') : origins);

  return {
    tenant,
    ...(audience !== undefined && { namedAudience: tenant.audience }),
    callbackPort: parsed('CALLBACK_PORT', () => parsePort(port)),
    ...(token !== undefined && { environmentToken: { token, ...originOf('AUTH0_TOKEN') } }),
    ...(account !== undefined && { account }),
    ...(file.notice && { fileNotice: file.notice }),
    ...(other && { tenantNotice: other }),
  };
}

/** What the person must be told before any of it is used. */
export function noticesOf({ fileNotice, tenantNotice }: Environment): readonly Notice[] {
  return [fileNotice, tenantNotice].filter(notice => notice !== undefined);
}

function read(name: SettingName, text: string | undefined): string | undefined {
  if (name !== 'AUTH0_TOKEN') return settingText(name, text);
  // As people copy it, from a header.
  const token = unquoted(text ?? '').replace(/^Bearer\s+/i, '');
  return settingText(name, token, { secret: true });
}

function parsePort(text: string | undefined): number {
  if (text === undefined) return defaultCallbackPort;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t(
      'CALLBACK_PORT is "{0}". Set it to a port number from 1 to 65535, or remove it to use {1}.',
      text,
      String(defaultCallbackPort),
    ),
  );
}
