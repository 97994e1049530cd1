import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { parse } from 'dotenv';
import { AuthError, isAuthError } from '../auth/errors.ts';
import { defaultCallbackPort } from '../auth/flows/loopback.ts';
import { parseTenant, type Tenant } from '../auth/tenant.ts';
import { addressVariable } from '../broker/protocol.ts';

/** What the environment, and a `.env` in the working directory, say about us. */
export interface Environment {
  readonly tenant: Tenant;
  /** Port of the loopback callback. */
  readonly callbackPort: number;
  /** A token of the person's own, and where it was found. */
  readonly ownToken?: { readonly token: string; readonly origin: string };
  /** The account to use where there are several. */
  readonly account?: string;
}

type Name =
  | 'AUTH0_TOKEN'
  | 'AUTH0_DOMAIN'
  | 'AUTH0_CLIENT_ID'
  | 'AUTH0_AUDIENCE'
  | 'CALLBACK_PORT'
  | 'OMNISPINDLE_ACCOUNT';

/**
 * Reads our variables: the process's environment first, then `.env` in the working directory. A server
 * that an editor started reads no `.env`: a workspace decides nothing there.
 * @throws AuthError `invalid_settings`, naming the variable and where it was found.
 */
export function readEnvironment(
  env: NodeJS.ProcessEnv = process.env,
  directory = process.cwd(),
): Environment {
  const path = join(directory, '.env');
  const file = env[addressVariable] ? {} : readDotEnv(path);
  const value = (name: Name): string | undefined => env[name]?.trim() || file[name]?.trim() || undefined;
  // As people copy it, from a header.
  const token = value('AUTH0_TOKEN')?.replace(/^Bearer\s+/i, '');
  const account = value('OMNISPINDLE_ACCOUNT');

  /** Parses a setting; an error says where it was found, where people would not look for it. */
  function parsed<T>(name: Name, parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      if (!isAuthError(error) || env[name]?.trim() || !file[name]) throw error;
      throw new AuthError(error.code, `${path}: ${error.message}`);
    }
  }

  return {
    tenant: parsed('AUTH0_DOMAIN', () =>
      parseTenant({
        domain: value('AUTH0_DOMAIN'),
        clientId: value('AUTH0_CLIENT_ID'),
        audience: value('AUTH0_AUDIENCE'),
      }),
    ),
    callbackPort: parsed('CALLBACK_PORT', () => parsePort(value('CALLBACK_PORT'))),
    ...(token !== undefined && {
      ownToken: { token, origin: env['AUTH0_TOKEN']?.trim() ? l10n.t('the environment') : path },
    }),
    ...(account !== undefined && { account }),
  };
}

function readDotEnv(path: string): Partial<Record<string, string>> {
  try {
    const bytes = readFileSync(path);
    // On Windows editors begin such a file with a byte order mark, and PowerShell's ">" writes UTF-16.
    const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
    return parse(new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes));
  } catch {
    return {};
  }
}

function parsePort(text: string | undefined): number {
  if (text === undefined) return defaultCallbackPort;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new AuthError(
    'invalid_settings',
    l10n.t(
      'CALLBACK_PORT is "{0}". Set it to a port number from 1 to 65535, or remove it to use {1}.',
      text,
      String(defaultCallbackPort),
    ),
  );
}
