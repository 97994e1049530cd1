import { readFileSync, statSync } from 'node:fs';
import * as l10n from '@vscode/l10n';
import { codeOf, OmnispindleError } from '../common/errors.ts';
import { settingText } from '../common/settingText.ts';

/** Where the database of a team's server is. The addresses hold passwords. */
export interface DatabaseSettings {
  readonly url: string;
  readonly migrationUrl?: string;
}

/** Largest file (bytes) that holds an address. */
const largestFile = 16_384;

/**
 * Reads where the database is: `DATABASE_URL`, and `DATABASE_MIGRATION_URL` of the role that owns its tables. Each may be
 * in a file that a variable of that name with `_FILE` names, as container platforms give secrets.
 * @returns undefined where none is named: then todos are in the data directory
 * @throws OmnispindleError `invalid_settings`, naming the variable, and never what it holds
 */
export function readDatabaseSettings(env: NodeJS.ProcessEnv = process.env): DatabaseSettings | undefined {
  const url = secret('DATABASE_URL', env);
  const migrationUrl = secret('DATABASE_MIGRATION_URL', env);
  if (url !== undefined) return { url, ...(migrationUrl !== undefined && { migrationUrl }) };
  if (migrationUrl === undefined) return undefined;
  throw invalid(
    l10n.t(
      'DATABASE_MIGRATION_URL is set, and DATABASE_URL is not: requests run as another role than the owner of the tables. Set DATABASE_URL to an address with that role.',
    ),
  );
}

function secret(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const value = settingText(name, env[name], { secret: true });
  const fileName = `${name}_FILE`;
  const path = settingText(fileName, env[fileName]);
  if (path === undefined) return value;
  if (value !== undefined) throw invalid(l10n.t('{0} and {1} are set. Remove one of them.', name, fileName));
  const text = settingText(fileName, read(fileName, path), { secret: true });
  if (text !== undefined) return text;
  throw invalid(l10n.t('{0} names an empty file. Write the address of the database into it.', fileName));
}

function read(name: string, path: string): string {
  try {
    const { size } = statSync(path);
    if (size <= largestFile) return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(
      l10n.t(
        '{0} names a file that cannot be read ({1}). Correct the path, or let this user read it.',
        name,
        codeOf(error),
      ),
    );
  }
  throw invalid(
    l10n.t('{0} names a file that is too large to be the address of a database. Correct the path.', name),
  );
}

function invalid(message: string): OmnispindleError {
  return new OmnispindleError('invalid_settings', message);
}
