import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { messageOf, OmnispindleError } from '../common/errors.ts';
import { userDirectory } from '../platform/paths.ts';
import { plainLine } from '../common/plainText.ts';
import { settingPath } from '../platform/settingPath.ts';
import { unquoted } from '../common/settingText.ts';
import type { Notice } from '../sessions/tokenSource.ts';
import { readEnvFile, type EnvFile } from './envFile.ts';
import { stderrLog } from './log.ts';
import { shellWord } from '../common/shellWord.ts';
import { trustedFiles } from './trustedFiles.ts';
import { workingDirectory } from './workingDirectory.ts';

/** The settings that a file may have. */
const settingNames = [
  'AUTH0_TOKEN',
  'AUTH0_DOMAIN',
  'AUTH0_CLIENT_ID',
  'AUTH0_AUDIENCE',
  'AUTH0_ORGANIZATION',
  'CALLBACK_PORT',
  'OMNISPINDLE_ACCOUNT',
] as const;
/** A setting that a file may hold. */
export type SettingName = (typeof settingNames)[number];

/** What counts of a settings file, and what is to be said of it. */
export interface SettingsFile {
  /** Where the values come from, for people; absent where no file counts. */
  readonly path?: string;
  readonly values: Partial<Record<string, string>>;
  readonly notice?: Notice;
  /** The file itself, where the person has named it. */
  readonly named?: EnvFile;
}

/** Where a settings file is looked for. */
export interface SettingsFileOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly directory?: string | undefined;
  readonly envFile?: string | undefined;
}

const nothing: SettingsFile = { values: {} };

/** Our settings that a file sets. */
export function settingsIn({ values }: Pick<EnvFile, 'values'>): readonly SettingName[] {
  return settingNames.filter(name => unquoted(values[name] ?? '') !== '');
}

/**
 * The file that the person named, by `--env-file` or `OMNISPINDLE_ENV_FILE`, which counts; else the `.env` of
 * the working directory, which counts where the person trusts it, as it is now: whoever made the directory
 * may have written it.
 * @throws OmnispindleError `invalid_settings` where the named one cannot be read
 */
export async function settingsFile({ env, directory, envFile }: SettingsFileOptions): Promise<SettingsFile> {
  const named = namedFile(env, envFile);
  if (named) return readNamed(...named);
  const path = join(directory ?? workingDirectory() ?? '', '.env');
  // Without a working directory there is no file in it either.
  if (path === '.env') return nothing;
  const found = await readEnvFile(path);
  if (found.kind === 'none') return nothing;
  if (found.kind === 'unread') {
    const message = l10n.t('{0} was not read: {1}. Nothing in it is used.', shown(path), found.why);
    return { values: {}, notice: { about: 'file', message } };
  }
  const names = settingsIn(found);
  if (names.length === 0) return nothing;
  const reason = await whyNotTrusted(found, env);
  if (reason === undefined) return { path: shown(path), values: found.values };
  const message = l10n.t(
    '{0} sets {1}, but {2}, so nothing in it is used. If it is yours, look at it, trust it, and start this again: {3}',
    shown(path),
    names.join(', '),
    reason,
    `omnispindle trust ${shellWord(found.path)}`,
  );
  return { values: {}, notice: { about: 'file', message } };
}

function namedFile(
  env: NodeJS.ProcessEnv,
  flag: string | undefined,
): [name: string, path: string] | undefined {
  const name = flag === undefined ? 'OMNISPINDLE_ENV_FILE' : '--env-file';
  const path = settingPath(name, flag ?? env['OMNISPINDLE_ENV_FILE'], '.env');
  if (path !== undefined) return [name, path];
  if (flag === undefined) return undefined;
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t('--env-file is empty. Name a file, or leave it out.'),
  );
}

async function readNamed(name: string, path: string): Promise<SettingsFile> {
  const found = await readEnvFile(path);
  if (found.kind === 'file') return { path: shown(path), values: found.values, named: found };
  throw new OmnispindleError(
    'invalid_settings',
    found.kind === 'none'
      ? l10n.t('{0} names {1}, which is not there. Correct it, or remove it.', name, shown(path))
      : l10n.t(
          '{0} names {1}, which was not read: {2}. Correct it, or remove it.',
          name,
          shown(path),
          found.why,
        ),
  );
}

/** In words for a person; undefined where the file is trusted as it is. */
async function whyNotTrusted({ path, sha256 }: EnvFile, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const entry = (await trustedFiles(userDirectory(env), stderrLog(env))).find(file => file.path === path);
    if (entry?.sha256 === sha256) return undefined;
    return entry
      ? l10n.t('it has changed since you trusted it')
      : l10n.t('you have not said that you trust it');
  } catch (error) {
    return l10n.t('what you trust could not be read ({0})', messageOf(error));
  }
}

/** A path of any length, on a terminal. */
function shown(path: string): string {
  return plainLine(path, 4_096);
}
