import { execFile } from 'node:child_process';
import { delimiter, dirname, isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import { AuthError } from '../auth/authError.ts';
import { OmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { ensurePrivateDirectory } from '../platform/paths.ts';
import { cliEnvironment } from './cliEnvironment.ts';
import { notice } from './notice.ts';
import { tenantSetting } from './settings.ts';

/** How long (ms) it may take: it installs a copy of ours for the editor to start. */
const limit = 6 * 60_000;

/** What `omnispindle init` is to write. */
interface InitWish {
  /** What it calls the editor. */
  readonly client: string;
  /** The address of the team's server; the bundled one where absent. */
  readonly server: string | undefined;
}

/**
 * Runs `omnispindle init` of this extension as wished, and shows what it said.
 * @throws OmnispindleError in its words where it failed, `cancelled` where the person stopped it
 */
export async function runInit(
  { client, server }: InitWish,
  context: vscode.ExtensionContext,
  log: Log,
): Promise<void> {
  const cli = vscode.Uri.joinPath(context.extensionUri, 'dist', 'cli.js').fsPath;
  // No project's directory: nothing in it is read, and npm starts nothing of it.
  const directory = context.globalStorageUri.fsPath;
  await ensurePrivateDirectory(directory, log);
  const program = await findNode();
  const said = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Adding Omnispindle to {0}…', vscode.env.appName),
      cancellable: true,
    },
    (_progress, cancelled) => {
      const stop = new AbortController();
      cancelled.onCancellationRequested(() => {
        stop.abort();
      });
      const named = server === undefined ? [] : ['--server', server];
      return run(program, [cli, 'init', '--client', client, ...named], directory, stop.signal);
    },
  );
  log.info(said);
  void vscode.window.showInformationMessage(notice(said));
}

/** The Node.js that clients are to start: on the desktop the editor's own is Electron, which does not do as one. */
async function findNode(): Promise<string> {
  if (!process.versions['electron']) return process.execPath;
  const { default: which } = await import('which');
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  const all = await which('node', { all: true, nothrow: true });
  // On Windows it looks in the working directory, too.
  const found = all?.find(path => directories.includes(dirname(path)));
  if (found !== undefined) return found;
  throw new OmnispindleError(
    'unsupported_runtime',
    vscode.l10n.t(
      'Node.js was not found in PATH; without it {0} cannot start Omnispindle. Install Node.js 22.19 or newer from https://nodejs.org, then restart {0}.',
      vscode.env.appName,
    ),
  );
}

function run(program: string, args: readonly string[], cwd: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: cliEnvironment(tenantSetting()), signal, timeout: limit, windowsHide: true };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout.trim());
      else if (signal.aborted) {
        reject(new AuthError('cancelled', vscode.l10n.t('Stopped; nothing was changed.')));
      } else {
        const words = stderr.trim().replace(/^omnispindle: /, '');
        reject(new OmnispindleError('storage_failed', words || error.message));
      }
    }).stdin?.end();
  });
}
