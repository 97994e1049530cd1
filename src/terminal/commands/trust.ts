import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../common/errors.ts';
import { userDirectory } from '../../platform/paths.ts';
import { plainLine } from '../../common/plainText.ts';
import { unquoted } from '../../common/settingText.ts';
import { confirm } from '../confirm.ts';
import { readEnvFile, type EnvFile } from '../envFile.ts';
import { exitCodes } from '../exitCodes.ts';
import { stderrLog } from '../log.ts';
import { settingsIn } from '../settingsFile.ts';
import { changeTrustedFiles, trustedFiles } from '../trustedFiles.ts';
import { good, print } from './output.ts';

/** The options of `trust`, as typed. */
export interface TrustOptions {
  readonly list?: boolean;
  readonly remove?: boolean;
  readonly json?: boolean;
}

/** Longest path (UTF-16 units) that is shown. */
const longestPath = 4_096;

/**
 * `omnispindle trust`: lets a settings file count, as it is now, by its path and content, after the person has
 * seen what it sets and said yes; or takes that back, or lists what is trusted.
 * @throws OmnispindleError
 */
export async function trust(file: string | undefined, { list, remove, json }: TrustOptions): Promise<void> {
  if (list) return listTrusted(json);
  const path = whole(file ?? '.env');
  return remove ? removeTrust(path, json) : addTrust(path, json);
}

function whole(path: string): string {
  try {
    return resolve(path);
  } catch {
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t('The working directory has been removed. Give the whole path of the file.'),
    );
  }
}

async function addTrust(path: string, json: boolean | undefined): Promise<void> {
  const directory = userDirectory();
  const log = stderrLog();
  const found = await readEnvFile(path);
  if (found.kind !== 'file') {
    const why = found.kind === 'none' ? l10n.t('it is not there') : found.why;
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t('{0} cannot be trusted: {1}. Only a regular file of at most 64 kB is read.', shown(path), why),
    );
  }
  const names = settingsIn(found);
  if (names.length === 0) {
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t('{0} sets nothing that Omnispindle reads, so there is nothing to trust.', shown(path)),
    );
  }
  const entry = { path: found.path, sha256: found.sha256 };
  const isTrusted = (await trustedFiles(directory, log)).some(
    other => other.path === entry.path && other.sha256 === entry.sha256,
  );
  if (!isTrusted) {
    if (!(await confirm(question(found)))) {
      print(
        json,
        { path: entry.path, trusted: false },
        l10n.t('Nothing was changed: {0} is not trusted.', shown(entry.path)),
      );
      process.exitCode = exitCodes.failed;
      return;
    }
    await changeTrustedFiles(directory, log, files => [
      ...files.filter(other => other.path !== entry.path),
      entry,
    ]);
  }
  print(
    json,
    { path: entry.path, trusted: true, sets: names },
    good(l10n.t('{0} is trusted as it is now; once changed, it is not.', shown(entry.path))),
  );
}

/** What the file sets, and what a yes means. A token is never shown. */
function question(file: EnvFile): string {
  const lines = settingsIn(file).map(name => {
    const value = unquoted(file.values[name] ?? '');
    return `  ${name}=${name === 'AUTH0_TOKEN' ? l10n.t('(a token, not shown here)') : plainLine(value)}`;
  });
  return `${l10n.t('{0} sets:', shown(file.path))}
${lines.join('\n')}
${l10n.t('Whoever wrote it decides where you sign in and as whom, when Omnispindle is started there. Trust it?')}`;
}

async function removeTrust(path: string, json: boolean | undefined): Promise<void> {
  const meant = await withoutLinks(path);
  let removed = false;
  await changeTrustedFiles(userDirectory(), stderrLog(), files => {
    const kept = files.filter(file => file.path !== meant && file.path !== path);
    removed = kept.length < files.length;
    return kept;
  });
  print(
    json,
    { path: meant, removed },
    removed
      ? good(l10n.t('{0} is not trusted any more.', shown(meant)))
      : l10n.t('{0} was not trusted. To see what is: omnispindle trust --list', shown(meant)),
  );
}

/** Also of a file that is gone, whose directory may be behind a link. */
async function withoutLinks(path: string): Promise<string> {
  return realpath(path).catch(async () => {
    const directory = dirname(path);
    return join(await realpath(directory).catch(() => directory), basename(path));
  });
}

async function listTrusted(json: boolean | undefined): Promise<void> {
  const trusted = await Promise.all(
    (await trustedFiles(userDirectory(), stderrLog())).map(async ({ path, sha256 }) => {
      const found = await readEnvFile(path);
      const isSame = found.kind === 'file' && found.path === path && found.sha256 === sha256;
      return { path, state: isSame ? 'trusted' : found.kind === 'none' ? 'gone' : 'changed' } as const;
    }),
  );
  const words = {
    trusted: l10n.t('trusted'),
    changed: l10n.t('changed since, so it does not count'),
    gone: l10n.t('not there'),
  };
  const lines = trusted.map(({ path, state }) => `${shown(path)}: ${words[state]}`);
  print(json, { files: trusted }, lines.length > 0 ? lines.join('\n') : l10n.t('No file is trusted.'));
}

function shown(path: string): string {
  return plainLine(path, longestPath);
}
