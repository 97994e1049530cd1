import { statSync } from 'node:fs';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../common/errors.ts';
import { settingPath } from '../../platform/settingPath.ts';
import { isReservedVariable } from './reservedVariables.ts';

/** How a local server is started. */
export interface LocalCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** The variable in which the server finds its token. */
  readonly variable: string;
  /** The rest of the server's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The directory in which the server runs; ours where absent. */
  readonly cwd?: string;
}

/**
 * Reads the name of an environment variable in which a token, or a secret, is to be.
 * @throws OmnispindleError `invalid_settings` where it is not a name of a variable, or decides what the server runs
 * @example parseTokenVariable('API_TOKEN') // 'API_TOKEN'
 */
export function parseTokenVariable(name: string): string {
  if (isReservedVariable(name)) {
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t(
        '{0} decides which programs the server runs, or how, so no token and no secret can be in it. Use the variable that the server reads its token from, as API_TOKEN.',
        name,
      ),
    );
  }
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t('"{0}" is not the name of a variable. Use letters, digits and "_", as in API_TOKEN.', name),
  );
}

/**
 * Reads the directory in which a server is to run, as a setting or an option names it; `~` is the home directory.
 * @throws OmnispindleError `invalid_settings` where it is not absolute
 */
export function parseDirectory(value: string): string {
  const directory = settingPath('cwd', value, 'project');
  if (directory !== undefined) return directory;
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t('cwd is empty. Give the directory in which the server is to run, or remove it.'),
  );
}

/** @throws OmnispindleError `invalid_settings` where there is no such directory */
export function requireDirectory(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t(
      'The server is to run in {0}, and there is no such directory. Make it, or correct "cwd" of this server in the setting omnispindle.servers (the option --cwd of "omnispindle run").',
      directory,
    ),
  );
}
