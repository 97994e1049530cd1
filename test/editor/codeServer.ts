import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { freePort } from '../freePort.ts';
import { launchBrowser, newPersonContext } from './browser.ts';
import {
  openingLimit,
  workbenchShown,
  type Editor,
  type EditorHost,
  type EditorOptions,
  type View,
  type WindowOptions,
} from './host.ts';
import { installOnce } from './packageExtension.ts';
import { installEditor, type CodeServer } from './setup.ts';
import { documentAddress } from './vscodeDev.ts';

/** An address of this machine for a tenant: links to `localhost` and `127.0.0.1` would be led through code-server. */
export const unforwardedHost = '127.0.0.2';

export interface CodeServerOptions extends EditorOptions {
  readonly editor: CodeServer;
  readonly port: number;
}

/** Starts code-server, whose windows are pages of the person's own browser. */
export async function installCodeServer(options: EditorOptions): Promise<Editor> {
  const { profile, hiddenName } = options;
  const { addressOf, stop } = await startCodeServer({
    ...options,
    editor: await installEditor(),
    port: await freePort(),
  });
  const browser = await launchBrowser(hiddenName);
  return {
    async open(window) {
      setUpProfile(profile, window);
      return codeServerWindows(browser, addressOf(window.folder), window.view);
    },
    async stop() {
      await browser.close();
      await stop();
    },
  };
}

/** The windows of a code-server that runs at that address, for another person. */
export async function codeServerWindows(browser: Browser, url: string, view?: View): Promise<EditorHost> {
  const context = await newPersonContext(browser, view);
  await context.addInitScript({ content: namingTheDocument });
  // It would compress 20 MB for each window, on the same machine.
  await context.setExtraHTTPHeaders({ 'accept-encoding': 'identity' });
  async function load(window: Page): Promise<void> {
    await window.goto(url, { timeout: openingLimit });
    await workbenchShown(window);
  }
  return {
    browser: context,
    async openWindow() {
      const window = await context.newPage();
      await load(window);
      return window;
    },
    reload: load,
    async close() {
      // A window that is only closed leaves its extension host waiting for it to come back.
      await Promise.all(context.pages().map(page => page.goto('about:blank')));
      await context.close();
    },
  };
}

/**
 * Names VS Code's own client ID metadata document in the settings of the editor's page: a build without Microsoft's
 * product.json names none.
 */
const namingTheDocument = `new MutationObserver((_, observer) => {
  const meta = document.getElementById('vscode-workbench-web-configuration');
  if (!meta) return;
  observer.disconnect();
  const settings = JSON.parse(meta.dataset.settings);
  settings.productConfiguration.authClientIdMetadataUrl = ${JSON.stringify(documentAddress)};
  meta.dataset.settings = JSON.stringify(settings);
}).observe(document, { childList: true, subtree: true });`;

/** Installs the extensions in a fresh profile and starts the editor. @returns its address for a folder, and its end */
export async function startCodeServer(
  options: CodeServerOptions,
): Promise<{ addressOf(folder?: string): string; stop(): Promise<void> }> {
  const { editor, profile, port } = options;
  setUpProfile(profile);
  const args = [
    editor.entry,
    `--user-data-dir=${join(profile, 'data')}`,
    `--config=${join(profile, 'config.yaml')}`,
  ];
  const extensions = join(profile, 'extensions');
  const env = {
    ...process.env,
    HOME: join(profile, 'home'),
    XDG_DATA_HOME: join(profile, 'share'),
    ...options.env,
  };
  await installOnce(options.extensions, extensions, directory => {
    const installed = options.extensions.flatMap(vsix => ['--install-extension', vsix]);
    return promisify(execFile)(editor.node, [...args, `--extensions-dir=${directory}`, ...installed], {
      env,
    });
  });
  const log = openSync(join(profile, 'code-server.log'), 'a');
  const origin = `http://127.0.0.1:${String(port)}`;
  const server = spawn(
    editor.node,
    [
      ...args,
      `--extensions-dir=${extensions}`,
      `--bind-addr=127.0.0.1:${String(port)}`,
      '--auth=none',
      '--disable-telemetry',
      '--disable-update-check',
    ],
    { env, stdio: ['ignore', log, log] },
  );
  try {
    await answering(`${origin}/healthz`, server);
  } catch (error) {
    server.kill();
    throw error;
  }
  return {
    addressOf: (folder = join(profile, 'workspace')) => `${origin}/?folder=${encodeURIComponent(folder)}`,
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const gone = once(server, 'exit');
      server.kill();
      await gone;
    },
  };
}

/** Makes the profile that of a person who has never used the editor. */
export function setUpProfile(
  profile: string,
  { settings, language }: WindowOptions = { settings: {} },
): void {
  const user = join(profile, 'data', 'User');
  const personal = [user, ...['home', 'share', 'workspace'].map(name => join(profile, name))];
  for (const directory of personal) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
  }
  writeFileSync(join(user, 'settings.json'), JSON.stringify(settings));
  if (language === undefined) return;
  writeFileSync(join(user, 'argv.json'), JSON.stringify({ locale: language }));
  rememberLanguagePack(profile, language);
}

/** What the editor's own installation of a pack leaves behind, and that by the command line does not. */
function rememberLanguagePack(profile: string, language: string): void {
  const [id, version] = ['omnispindle.omnispindle-language-pack', '0.0.1'];
  const vscode = join(profile, 'extensions', `${id}-${version}`, 'translations', 'main.i18n.json');
  const extensions = [{ extensionIdentifier: { id }, version }];
  const pack = { hash: id, extensions, translations: { vscode }, label: language };
  writeFileSync(join(profile, 'data', 'languagepacks.json'), JSON.stringify({ [language]: pack }));
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 240; tries++) {
    if (server.exitCode !== null) {
      throw new Error('code-server ended at once; see code-server.log in the artifacts.');
    }
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // Not listening yet.
    }
    await delay(250);
  }
  throw new Error(`code-server does not answer at ${url}.`);
}
