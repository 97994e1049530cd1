import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { isOmnispindleError, OmnispindleError } from '../common/errors.ts';
import { plainLine } from '../common/plainText.ts';
import { unquoted } from '../common/settingText.ts';
import { readEnvFile } from './envFile.ts';
import { settingsFile, type SettingsFile } from './settingsFile.ts';
import { isTeamVariable } from './teamVariables.ts';
import { workingDirectory } from './workingDirectory.ts';

/** The settings file of a team's server, whose settings of the server are in the environment now. */
export interface ServerFile {
  readonly file: SettingsFile;
  /** What of it, or of a `.env` here, does not count, in words for whoever started the server. */
  readonly notices: readonly string[];
  /** An error, with the file that the setting was found in, where it was found in one. */
  explain(error: unknown): unknown;
}

/** What Node.js, or we, have read before any file. */
const tooLate = /^(?:https?_proxy|all_proxy|no_proxy|node_(?:options|extra_ca_certs|use_\w+))$/i;

/**
 * Has all settings of a team's server count in the file that the person named, where the environment does not have them:
 * as Node.js's own `--env-file`, it sets the process's variables, because OpenTelemetry reads no others. A `.env` of the
 * working directory, which nobody named, sets none of them.
 * @throws OmnispindleError `invalid_settings` where the file cannot be read, or everybody may write to it
 */
export async function useServerFile(
  envFile: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
  directory = workingDirectory(),
): Promise<ServerFile> {
  const file = await settingsFile({ env, envFile, directory });
  const { notice, named, path = '' } = file;
  const notices = notice ? [notice.message] : [];
  if (!named) {
    return { file, notices: [...notices, ...(await noticeOfUnnamed(directory))], explain: error => error };
  }
  if (named.isOpen) throw openToAll(path);
  const set = namesIn(named.values).filter(name => isTeamVariable(name) && !isSet(name, env));
  for (const name of set) env[name] = named.values[name];
  const late = namesIn(named.values).filter(name => tooLate.test(name) && named.values[name] !== env[name]);
  if (late.length > 0) {
    notices.push(
      l10n.t(
        '{0} sets {1}, which counts in the environment alone, because it is read before any file.',
        path,
        late.join(', '),
      ),
    );
  }
  return { file, notices, explain: error => withPath(error, path, set) };
}

/** Whoever keeps such settings in a `.env` would not learn why they do not count. */
async function noticeOfUnnamed(directory: string | undefined): Promise<readonly string[]> {
  const found = directory === undefined ? undefined : await readEnvFile(join(directory, '.env'));
  const names = found?.kind === 'file' ? namesIn(found.values).filter(isTeamVariable) : [];
  if (found?.kind !== 'file' || names.length === 0) return [];
  return [
    l10n.t(
      '{0} sets {1}, which does not count there: nobody named that file. Name it with --env-file, or set it in the environment.',
      plainLine(found.path, 4_096),
      names.join(', '),
    ),
  ];
}

function namesIn(values: Readonly<Partial<Record<string, string>>>): readonly string[] {
  return Object.keys(values).filter(name => unquoted(values[name] ?? '') !== '');
}

/** Also where the environment has the other one of a value and a file with it. */
function isSet(name: string, env: NodeJS.ProcessEnv): boolean {
  const value = name.replace(/^(DATABASE_\w+)_FILE$/, '$1');
  return [value, `${value}_FILE`].some(one => unquoted(env[one] ?? '') !== '');
}

function withPath(error: unknown, path: string, names: readonly string[]): unknown {
  if (!isOmnispindleError(error, 'invalid_settings')) return error;
  if (!names.some(name => new RegExp(`\\b${name}\\b`).test(error.message))) return error;
  return new OmnispindleError(error.code, `${path}: ${error.message}`);
}

function openToAll(path: string): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      'Every user of this machine can write to {0}, and so could decide where people sign in and where their todos go. Take that away (chmod o-w), look at what is in it, then try again.',
      path,
    ),
  );
}
