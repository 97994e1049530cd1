import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath } from '@vscode/test-electron';
import { _electron, type BrowserContext, type ElectronApplication } from 'playwright-core';
import { launchBrowser, newPersonContext } from './browser.ts';
import {
  asksForTrust,
  workbenchShown,
  type Editor,
  type EditorHost,
  type EditorOptions,
  type WindowOptions,
} from './host.ts';
import { editorVersion } from './setup.ts';

/** Where VS Code is downloaded from (VS Code documentation, "Network Connections"). */
const downloads = 'https://update.code.visualstudio.com/api/releases/stable';

/** The program of a desktop VS Code: what VSCODE_PATH names, else a download where that is possible. */
export async function findDesktop(): Promise<string | undefined> {
  const named = process.env['VSCODE_PATH'];
  if (named) return named;
  try {
    await fetch(downloads, { method: 'HEAD', signal: AbortSignal.timeout(5_000) });
  } catch {
    return undefined;
  }
  return downloadAndUnzipVSCode({
    cachePath: join(import.meta.dirname, '..', '..', '.cache', 'vscode'),
    version: editorVersion().desktop,
  });
}

/**
 * Installs the extensions in a desktop VS Code.
 * @throws Error that says what to do where it cannot start
 */
export function installDesktop(executablePath: string, options: EditorOptions): Promise<Editor> {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    throw new Error('A desktop VS Code needs a display: run the tests by xvfb-run, or unset VSCODE_PATH.');
  }
  const { profile, extensions } = options;
  const own = [`--user-data-dir=${join(profile, 'data')}`, `--extensions-dir=${join(profile, 'extensions')}`];
  install(executablePath, own, extensions);
  return Promise.resolve({
    open: window => openDesktop(executablePath, own, options, window),
    stop: () => Promise.resolve(),
  });
}

/**
 * Opens it. The addresses that it opens come up in the person's browser, as the operating system would see to; so does the
 * way back, to its URI handler.
 */
async function openDesktop(
  executablePath: string,
  own: readonly string[],
  { profile, env }: EditorOptions,
  options: WindowOptions,
): Promise<EditorHost> {
  setUpProfile(profile, options);
  const app = await _electron.launch({
    executablePath,
    args: [
      ...own,
      '--no-sandbox',
      '--disable-gpu',
      '--disable-updates',
      ...(asksForTrust(options) ? [] : ['--disable-workspace-trust']),
      ...(options.language === undefined ? [] : ['--locale', options.language]),
      '--skip-welcome',
      '--skip-release-notes',
      '--password-store=basic',
      ...(options.folder === undefined ? [join(profile, 'workspace')] : ['--folder-uri', options.folder]),
    ],
    env: {
      ...(process.env as Record<string, string>),
      OMNISPINDLE_DATA_DIR: join(profile, 'omnispindle'),
      ...env,
    },
  });
  const browser = await launchBrowser();
  const context = await newPersonContext(browser);
  await joinBrowser(app, context);
  const first = app.firstWindow();
  let windows = 0;
  return {
    browser: context,
    async openWindow(run) {
      const [window] = await (windows++ === 0
        ? Promise.all([first])
        : Promise.all([app.waitForEvent('window'), run('New Window')]));
      await workbenchShown(window);
      return window;
    },
    async reload(window, run) {
      await Promise.all([window.waitForEvent('load'), run('Developer: Reload Window')]);
      await workbenchShown(window);
    },
    async close() {
      await browser.close();
      await app.close();
    },
  };
}

/** Makes the profile that of a person who has never used the editor. */
function setUpProfile(profile: string, { settings }: WindowOptions): void {
  for (const name of ['data', 'workspace', 'omnispindle']) {
    rmSync(join(profile, name), { recursive: true, force: true });
  }
  mkdirSync(join(profile, 'workspace'), { recursive: true });
  mkdirSync(join(profile, 'data', 'User'), { recursive: true });
  // Menus and dialogs of the operating system are out of the person's reach.
  const drawn = {
    'window.dialogStyle': 'custom',
    'window.titleBarStyle': 'custom',
    'window.menuStyle': 'custom',
    'window.restoreWindows': 'none',
  };
  writeFileSync(join(profile, 'data', 'User', 'settings.json'), JSON.stringify({ ...drawn, ...settings }));
}

function install(executablePath: string, own: readonly string[], extensions: readonly string[]): void {
  const [cli = executablePath, ...args] = resolveCliArgsFromVSCodeExecutablePath(executablePath, {
    reuseMachineInstall: true,
  });
  for (const vsix of extensions) {
    const { status, stderr, error } = spawnSync(cli, [...args, ...own, '--install-extension', vsix], {
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (status !== 0) {
      throw new Error(
        `${cli} could not install ${vsix}: ${error?.message ?? stderr}. Set VSCODE_PATH to the program of a desktop VS Code.`,
      );
    }
  }
}

/** Opens in the browser what the editor opens outside, and in the editor what the browser cannot open. */
async function joinBrowser(app: ElectronApplication, context: BrowserContext): Promise<void> {
  const opened = await app.evaluateHandle(({ shell }) => {
    const addresses: string[] = [];
    shell.openExternal = (address: string) => {
      addresses.push(address);
      return Promise.resolve();
    };
    return addresses;
  });
  let running = true;
  app.on('close', () => {
    running = false;
  });
  void (async () => {
    for (; running; await delay(100)) {
      for (const address of await opened.evaluate(addresses => addresses.splice(0))) {
        const page = await context.newPage();
        await page.goto(address);
      }
    }
  })().catch((error: unknown) => {
    if (running) console.error('The editor could not open a page.', error);
  });
  context.on('request', request => {
    if (/^(?:https?|about|data|blob):/.test(request.url())) return;
    // Electron's event for a URI that the operating system hands over (Electron documentation, `open-url`).
    void app.evaluate(
      ({ app: editor }, uri) => editor.emit('open-url', { preventDefault: () => undefined }, uri),
      request.url(),
    );
    // The browser stays on the tenant's page; the person takes its end for the end of the sign-in.
    void request.frame().page().goto('about:blank');
  });
}
