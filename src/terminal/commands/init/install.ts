import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../../common/errors.ts';
import type { Log } from '../../../common/log.ts';
import { ensurePrivateDirectory, userDirectory } from '../../../platform/paths.ts';
import { writePrivateFile } from '../../../platform/privateFile.ts';
import { redact } from '../../../common/redact.ts';
import { packageDirectory, version } from '../../version.ts';
import { compareVersions, launcherText, presentCopy, readCopy, type Copy } from './copy.ts';
import { provideNode } from './lastingNode.ts';
import { environmentForNpm, runNpm, type NpmPlace, type NpmResult } from './npm.ts';
import { installDirectory, launcher } from './places.ts';

/** How long (ms) a copy stays after another took its place: a server of it that still runs may load more of it. */
const keptFor = 30 * 24 * 3_600_000;

/** What clients start: an absolute Node.js and an absolute script. */
export interface Installed {
  readonly node: string;
  readonly script: string;
  readonly version: string;
  /** Whether it was installed just now. */
  readonly fresh: boolean;
}

/**
 * Makes sure that a copy of this package, of this version or a newer one, is in the person's own data directory,
 * and that the launcher leads to it. Another copy takes the place of the one before in one step; where anything
 * goes wrong, that one stays.
 * @param isNamed whether a client's configuration names a copy's directory
 * @param signal stops it; nothing is changed then
 * @throws OmnispindleError `storage_failed` where it cannot be installed
 */
export async function install(
  log: Log,
  isNamed: (directory: string) => Promise<boolean>,
  signal?: AbortSignal,
): Promise<Installed> {
  const directory = installDirectory();
  // Whoever may write into the first could put another directory in the place of the second.
  await ensurePrivateDirectory(userDirectory(), log);
  await ensurePrivateDirectory(directory, log);
  await ensurePrivateDirectory(dirname(launcher()), log);
  const node = await provideNode(log);
  const before = await presentCopy();
  const lead = before ? compareVersions(before.version, version) : -1;
  // What was packed here may have changed since.
  const isCurrent = before && (lead > 0 || (lead === 0 && before.published));
  if (isCurrent && (await startsAs(before.version, node, launcher()))) {
    return { node, script: launcher(), version: before.version, fresh: false };
  }
  const copy = await newCopy(node, directory, signal);
  await writePrivateFile(launcher(), launcherText(copy.name));
  await removeOld(copy, before, isNamed);
  return { node, script: launcher(), version: copy.version, fresh: true };
}

/** Installs into a new directory, which is gone again where that fails. */
async function newCopy(node: string, parent: string, signal?: AbortSignal): Promise<Copy> {
  const directory = await mkdtemp(join(parent, `${version}-`));
  const name = directory.slice(parent.length + 1);
  try {
    await writeFile(join(directory, 'package.json'), '{ "private": true }\n');
    const place = { node, directory, signal };
    let result = await runNpm(place, ['install', `omnispindle@${version}`]);
    if (isUnknown(result) && !isPublished()) result = await installOwn(place);
    signal?.throwIfAborted();
    if (!result.ok) throw notInstalled(result);
    const copy = await readCopy(name);
    const script = join(directory, 'node_modules', 'omnispindle', 'dist', 'cli.js');
    if (copy?.version === version && (await startsAs(version, node, script))) return copy;
    throw notInstalled({ code: 'EINTEGRITY' });
  } catch (error) {
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

/** Installs from the directory we run from: a checkout, or an extension's, whose version no registry has. */
async function installOwn(place: NpmPlace): Promise<NpmResult> {
  const { directory } = place;
  const packed = await runNpm(place, ['pack', packageDirectory, '--pack-destination', directory]);
  const archive = (await readdir(directory)).find(name => name.endsWith('.tgz'));
  if (!packed.ok || archive === undefined) return packed;
  const result = await runNpm(place, ['install', `./${archive}`]);
  await rm(join(directory, archive), { force: true });
  return result;
}

/** Whether we run from where npm has put us. */
function isPublished(): boolean {
  return packageDirectory.split(sep).includes('node_modules');
}

function isUnknown({ ok, code }: NpmResult): boolean {
  return !ok && (code === 'E404' || code === 'ETARGET');
}

async function startsAs(expected: string, node: string, script: string): Promise<boolean> {
  try {
    const options = { timeout: 30_000, windowsHide: true, cwd: installDirectory(), env: environmentForNpm() };
    const { stdout } = await promisify(execFile)(node, [script, '--version'], options);
    return stdout.trim() === expected;
  } catch {
    return false;
  }
}

/** Removes copies that nothing starts any more; whatever is left is tried again next time. */
async function removeOld(
  copy: Copy,
  before: Copy | undefined,
  isNamed: (directory: string) => Promise<boolean>,
): Promise<void> {
  const directory = installDirectory();
  const now = new Date();
  // From now on its time counts.
  if (before) await utimes(join(directory, before.name), now, now).catch(() => undefined);
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    if (!/^\d+\.\d+\.\d+.*-\w{6}$/.test(name) || name === copy.name) continue;
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs < keptFor || (await isNamed(path))) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

function notInstalled({ code = '', summary = '' }: Pick<NpmResult, 'code' | 'summary'>): OmnispindleError {
  const advice = l10n.t(
    'Nothing was changed. Try again later, or have the client start Omnispindle with npx: omnispindle init --client NAME --npx',
  );
  return new OmnispindleError('storage_failed', `${reason(code, redact(summary).slice(0, 300))} ${advice}`);
}

function reason(code: string, summary: string): string {
  const what = `omnispindle@${version}`;
  if (code === 'E404' || code === 'ETARGET') {
    return l10n.t(
      'Your npm registry has no {0}. See that "registry" in your own .npmrc is the right one.',
      what,
    );
  }
  if (
    /^(?:E(?:NOTFOUND|AI_AGAIN|CONN|TIMEDOUT|NETUNREACH|HOSTUNREACH|PIPE|5\d\d)|FETCH_|ERR_SOCKET)/.test(code)
  ) {
    return l10n.t(
      'Your npm registry could not be reached to install {0} ({1}). Check the network.',
      what,
      code,
    );
  }
  if (code === 'EINTEGRITY') {
    return l10n.t('What your npm registry sent is not the {0} it promised, so it was not installed.', what);
  }
  const said =
    [code, summary].filter(Boolean).join(': ') || l10n.t('it did not end in time, or said nothing');
  return l10n.t('npm could not install {0} ({1}).', what, said);
}
