import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser } from '../editor/browser.ts';
import { createBrowserPerson } from '../editor/browserPerson.ts';
import { codeServerWindows, startCodeServer } from '../editor/codeServer.ts';
import { packageExtension } from '../editor/packageExtension.ts';
import { installEditor } from '../editor/setup.ts';
import { freePort } from '../freePort.ts';
import { table } from './measure.ts';

const root = join(import.meta.dirname, '..', '..');
const starts = 3;
const compared = ['Omnispindle', 'GitHub Authentication'];

/** Prints how long activation took, by the editor's own list of running extensions. */
export async function benchActivation(): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'omnispindle-bench-'));
  const vsix = join(profile, 'omnispindle.vsix');
  packageExtension(root, vsix);
  const { url, stop } = await startCodeServer({
    editor: await installEditor(),
    profile,
    port: await freePort(),
    extensions: [vsix],
    settings: { 'workbench.startupEditor': 'none', 'telemetry.telemetryLevel': 'off' },
    env: {},
  });
  const times = new Map<string, string[]>(compared.map(name => [name, []]));
  try {
    for (let i = 0; i < starts; i++) {
      const browser = await launchBrowser();
      const windows = await codeServerWindows(browser, url);
      const person = await createBrowserPerson(windows, profile);
      const page = windows.browser.pages()[0];
      await page?.waitForTimeout(8_000);
      await person.runCommand('Developer: Show Running Extensions');
      for (const name of compared) {
        const entry = page
          ?.locator('.runtime-extensions-editor .monaco-list-row')
          .filter({ hasText: new RegExp(`^\\s*${name}`) });
        const text = await entry?.first().innerText({ timeout: 10_000 });
        times.get(name)?.push(/Activation: (\d+ms)/.exec(text ?? '')?.[1] ?? 'not activated');
      }
      await browser.close();
    }
  } finally {
    await stop();
    rmSync(profile, { recursive: true, force: true });
  }
  console.log(`\n## Activation (${String(starts)} starts of one editor)\n`);
  console.log(
    table(
      ['', 'activation'],
      [...times].map(([name, values]) => [name, values.join(', ')]),
    ),
  );
}
