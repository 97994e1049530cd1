import { once } from 'node:events';
import { realpathSync, statSync, type Stats } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join, sep } from 'node:path';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../../common/errors.ts';
import { startGroup } from '../../../platform/processGroup.ts';
import { isBorrowed } from './borrowed.ts';

/** How long (ms) npm may take in all. */
const timeLimit = 5 * 60_000;
/** Characters of npm's output that are kept. */
const outputLimit = 1_000_000;

/** Where npm runs, and what stops it. */
export interface NpmPlace {
  /** The Node.js that runs it; npm looks for a global configuration beside it. */
  readonly node: string;
  readonly directory: string;
  readonly signal?: AbortSignal | undefined;
}

/** What npm said about its end. */
export interface NpmResult {
  readonly ok: boolean;
  /** npm's code of what went wrong: `E404`, `ECONNREFUSED`, … */
  readonly code?: string;
  readonly summary?: string;
  readonly stdout: string;
}

/**
 * Runs npm so that nothing but its user's own `.npmrc` counts: in that directory, whose `package.json` is ours,
 * without scripts, and without the settings that an outer `npx` hands down, which may be a project's.
 * @throws OmnispindleError `storage_failed` where there is no npm, or it does not end
 */
export async function runNpm(
  { node, directory, signal }: NpmPlace,
  args: readonly string[],
): Promise<NpmResult> {
  signal?.throwIfAborted();
  const npm = findNpm();
  const place = ['--prefix', directory, '--no-global', '--location', 'project', '--no-workspaces'];
  const flags = [...place, '--ignore-scripts', '--no-dry-run', '--install-strategy', 'hoisted'];
  const quiet = ['--json', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel', 'error'];
  const patience = ['--fetch-retries', '1', '--fetch-retry-mintimeout', '1000', '--fetch-timeout', '60000'];
  const all = [npm, ...args, ...flags, ...quiet, ...patience];
  const { code, stdout } = await run(node, all, directory, signal);
  if (code === 0) return { ok: true, stdout };
  return { ok: false, stdout, ...failureIn(stdout) };
}

/** The environment without what npm, or a project by way of npm, has put into it. */
export function environmentForNpm(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const byNpm = env['npm_execpath'] !== undefined || env['npm_command'] !== undefined;
  const dropped =
    /^npm_(?:config|package|lifecycle)_|^npm_(?:command|execpath|node_execpath)$|^INIT_CWD$|^NODE_PATH$/i;
  const kept = Object.entries(env).filter(
    ([name]) =>
      !dropped.test(name) &&
      !['PREFIX', 'DESTDIR', 'NODE_COMPILE_CACHE'].includes(name) &&
      // A project's .npmrc sets it, too (its "node-options").
      !(byNpm && name === 'NODE_OPTIONS'),
  );
  const changed = kept.map(
    ([name, value]) =>
      [name, /^path$/i.test(name) ? pathOutsideProjects(value).join(delimiter) : value] as const,
  );
  // npm would take compiled code from a directory for temporary files, where other users may have put it.
  return { ...Object.fromEntries(changed), NODE_DISABLE_COMPILE_CACHE: '1' };
}

/** The directories of a `PATH` that are no project's: npm puts the project's before them. */
function pathOutsideProjects(path = ''): string[] {
  return path.split(delimiter).filter(directory => isAbsolute(directory) && !isBorrowed(directory));
}

/**
 * The npm of the Node.js that runs, else the one that started us, else the one in the person's `PATH`: its script,
 * for Node.js to run. None that is a project's.
 * @throws OmnispindleError `storage_failed` where there is none
 */
function findNpm(): string {
  const script = ['npm', 'bin', 'npm-cli.js'];
  const beside = dirname(process.execPath);
  const mine = isBorrowed(process.execPath)
    ? []
    : [
        join(beside, 'node_modules', ...script),
        join(dirname(beside), 'lib', 'node_modules', ...script),
        // Homebrew's and Debian's
        join(dirname(beside), 'libexec', 'lib', 'node_modules', ...script),
        join(dirname(beside), 'share', 'nodejs', ...script),
      ];
  const starter = process.env['npm_execpath'];
  const others = [
    ...(starter && isAbsolute(starter) ? [join(dirname(starter), 'npm-cli.js')] : []),
    ...pathOutsideProjects(process.env['PATH']).flatMap(directory => [
      join(directory, 'npm'),
      join(directory, 'node_modules', ...script),
    ]),
  ];
  const found = [...mine, ...others.filter(isProven)].find(path => statOf(path)?.isFile());
  if (found !== undefined) return realpathSync(found);
  const text = l10n.t(
    'npm was not found beside Node.js ({0}), nor in PATH; nothing was changed. Install Node.js with npm from https://nodejs.org, then run this again; or have the client start Omnispindle with npx: add --npx.',
    process.execPath,
  );
  throw new OmnispindleError('storage_failed', text);
}

/** Whether that is an npm outside any project, which nobody but the system and this user can change. */
function isProven(path: string): boolean {
  try {
    const script = realpathSync(path);
    if (basename(script) !== 'npm-cli.js') return false;
    const home = dirname(dirname(script));
    const around = home.endsWith(join(sep, 'node_modules', 'npm')) ? dirname(dirname(home)) : home;
    return !isBorrowed(around) && [script, dirname(script), home].every(name => isSafe(statSync(name)));
  } catch {
    return false;
  }
}

function isSafe({ uid, mode }: Stats): boolean {
  const user = process.getuid?.();
  return user === undefined || ((uid === 0 || uid === user) && !(mode & 0o002));
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<{ code: number | null; stdout: string }> {
  const group = startGroup(program, args, { cwd, env: environmentForNpm(), errors: 'ignore' });
  const { child } = group;
  const stop = () => void group.end('SIGTERM');
  const timer = setTimeout(stop, timeLimit);
  signal?.addEventListener('abort', stop, { once: true });
  let stdout = '';
  child.stdin.on('error', () => undefined).end();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (stdout.length < outputLimit) stdout += chunk;
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    await group.end();
  }
}

/** What npm's JSON says went wrong. */
function failureIn(stdout: string): { code?: string; summary?: string } {
  try {
    const { error } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { error?: Record<string, unknown> };
    const text = (value: unknown) => (typeof value === 'string' ? value : '');
    return { code: text(error?.['code']), summary: text(error?.['summary']).split('\n')[0] ?? '' };
  } catch {
    return {};
  }
}
