import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { requireSafeAddress } from '../auth/address.ts';
import { inheritedEnvironment } from '../bridge/local/serverEnvironment.ts';

type Command = readonly [program: string, ...args: string[]];

/**
 * Opens the person's browser: the first command of `BROWSER` that starts, else the system's own. No shell
 * ever sees the address.
 * @returns false where none could be started, or where `BROWSER` is `none`
 * @throws AuthError `invalid_response` where the address is neither https nor on this machine
 */
export async function openBrowser(url: string, env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  requireSafeAddress(url);
  if (!env['BROWSER']) {
    const { default: open } = await import('open');
    return withoutOurs(() => open(url)).then(started, () => false);
  }
  for (const [program, ...args] of browserCommands(env['BROWSER'], url)) {
    if (program === 'none') return false;
    if (await started(spawnBrowser(program, args))) return true;
  }
  return false;
}

/**
 * Reads `BROWSER` as other programs do: commands separated by the system's path delimiter, tried in order;
 * words may be quoted; `%s` stands for the address, which otherwise comes last, and `%%` for `%`. A path
 * with spaces that exists is one word.
 */
export function browserCommands(browser: string, url: string): readonly Command[] {
  if (existsSync(browser)) return [[browser, url]];
  return browser.split(delimiter).flatMap(text => {
    const [program, ...args] = existsSync(text) ? [text] : words(text);
    if (program === undefined) return [];
    const filled = args.map(arg =>
      arg.replaceAll(/%[s%]/g, placeholder => (placeholder === '%s' ? url : '%')),
    );
    const isNamed = args.some(arg => arg.replaceAll('%%', '').includes('%s'));
    return [[program, ...filled, ...(isNamed ? [] : [url])]];
  });
}

function words(text: string): string[] {
  const quoted = /"([^"]*)"|'([^']*)'/g;
  return (text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []).map(word =>
    word.replaceAll(quoted, (_match, double?: string, single?: string) => double ?? single ?? ''),
  );
}

/** A browser on Electron that is told to be Node.js opens no page. The library gives it what is in our environment. */
async function withoutOurs<T>(open: () => Promise<T>): Promise<T> {
  const { ELECTRON_RUN_AS_NODE: before } = process.env;
  Reflect.deleteProperty(process.env, 'ELECTRON_RUN_AS_NODE');
  try {
    return await open();
  } finally {
    if (before !== undefined) process.env['ELECTRON_RUN_AS_NODE'] = before;
  }
}

function spawnBrowser(program: string, args: readonly string[]): ReturnType<typeof spawn> | undefined {
  try {
    return spawn(program, args, {
      stdio: 'ignore',
      detached: true,
      env: inheritedEnvironment(process.env),
    });
  } catch {
    // Windows refuses to start a batch file without a shell.
    return undefined;
  }
}

function started(child: ReturnType<typeof spawn> | undefined): Promise<boolean> {
  if (!child) return Promise.resolve(false);
  child.unref();
  return new Promise(resolve => {
    child.once('spawn', () => {
      resolve(true);
    });
    child.once('error', () => {
      resolve(false);
    });
    if (child.pid !== undefined) resolve(true);
  });
}
