import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { freePort } from '../freePort.ts';
import { launchBrowser, newPersonContext } from './browser.ts';
import {
  asksForTrust,
  openingLimit,
  workbenchShown,
  type EditorHost,
  type EditorOptions,
  type View,
} from './host.ts';
import { installEditor, type Editor } from './setup.ts';
import { documentAddress } from './vscodeDev.ts';

/** An address of this machine for a tenant: links to `localhost` and `127.0.0.1` would be led through code-server. */
export const unforwardedHost = '127.0.0.2';

export interface CodeServerOptions extends EditorOptions {
  readonly editor: Editor;
  readonly port: number;
}

/** Starts code-server, whose windows are pages of the person's own browser. */
export async function codeServerHost(options: EditorOptions): Promise<EditorHost> {
  const { url, stop } = await startCodeServer({
    ...options,
    editor: await installEditor(),
    port: await freePort(),
  });
  const browser = await launchBrowser(options.hiddenName);
  return {
    ...(await codeServerWindows(browser, url, options.view)),
    async stop() {
      await browser.close();
      await stop();
    },
  };
}

/** The windows of a code-server that runs at that address, for another person. */
export async function codeServerWindows(
  browser: Browser,
  url: string,
  view?: View,
): Promise<Omit<EditorHost, 'stop'>> {
  const context = await newPersonContext(browser, view);
  await context.addInitScript({ content: namingTheDocument });
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

/** Installs the extensions in a fresh profile and starts the editor. @returns its address and its end */
export async function startCodeServer(
  options: CodeServerOptions,
): Promise<{ url: string; stop(): Promise<void> }> {
  const { editor, profile, port } = options;
  const workspace = join(profile, 'workspace');
  mkdirSync(workspace, { recursive: true });
  mkdirSync(join(profile, 'data', 'User'), { recursive: true });
  writeFileSync(join(profile, 'data', 'User', 'settings.json'), JSON.stringify(options.settings));
  const args = [
    editor.entry,
    `--user-data-dir=${join(profile, 'data')}`,
    `--extensions-dir=${join(profile, 'extensions')}`,
    `--config=${join(profile, 'config.yaml')}`,
  ];
  const env = { ...process.env, HOME: profile, XDG_DATA_HOME: join(profile, 'share'), ...options.env };
  const installed = options.extensions.flatMap(vsix => ['--install-extension', vsix]);
  execFileSync(editor.node, [...args, ...installed], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  if (options.language !== undefined) rememberLanguagePack(profile, options.language);
  const log = openSync(join(profile, 'code-server.log'), 'a');
  const server = spawn(
    editor.node,
    [
      ...args,
      `--bind-addr=127.0.0.1:${String(port)}`,
      '--auth=none',
      '--disable-telemetry',
      '--disable-update-check',
      ...(options.language === undefined ? [] : [`--locale=${options.language}`]),
      ...(asksForTrust(options) ? [] : ['--disable-workspace-trust']),
      workspace,
    ],
    { env, stdio: ['ignore', log, log] },
  );
  try {
    await answering(`http://127.0.0.1:${String(port)}/healthz`, server);
  } catch (error) {
    server.kill();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${String(port)}/?folder=${encodeURIComponent(options.folder ?? workspace)}`,
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const gone = once(server, 'exit');
      server.kill();
      await gone;
    },
  };
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
