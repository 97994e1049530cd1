import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser } from '../editor/browser.ts';
import { createBrowserPerson } from '../editor/browserPerson.ts';
import { codeServerWindows, setUpProfile, startCodeServer } from '../editor/codeServer.ts';
import { packageExtension } from '../editor/packageExtension.ts';
import { installEditor } from '../editor/setup.ts';
import { startOfExtension } from '../editor/startOfExtension.ts';
import { freePort } from '../freePort.ts';
import { percentile, table } from './measure.ts';

const root = join(import.meta.dirname, '..', '..');
const starts = 10;
const compared = ['Omnispindle', 'GitHub Authentication'];

/** Prints how long activation took, by the editor's own list of running extensions. */
export async function benchActivation(): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'omnispindle-bench-'));
  const vsix = join(profile, 'omnispindle.vsix');
  await packageExtension(root, vsix);
  const { addressOf, stop } = await startCodeServer({
    editor: await installEditor(),
    profile,
    port: await freePort(),
    extensions: [vsix],
    env: {},
  });
  setUpProfile(profile, {
    settings: {
      'security.workspace.trust.enabled': false,
      'telemetry.telemetryLevel': 'off',
      'workbench.startupEditor': 'none',
    },
  });
  const times = new Map<string, number[]>(compared.map(name => [name, []]));
  try {
    for (let i = 0; i < starts; i++) {
      const browser = await launchBrowser();
      const windows = await codeServerWindows(browser, addressOf());
      const person = await createBrowserPerson(windows, profile);
      const page = windows.browser.pages()[0];
      await page?.waitForTimeout(8_000);
      await person.runCommand('Developer: Show Running Extensions');
      for (const name of compared) {
        const entry = page
          ?.locator('.runtime-extensions-editor .monaco-list-row')
          .filter({ hasText: new RegExp(`^\\s*${name}`) });
        const text = await entry?.first().innerText({ timeout: 10_000 });
        times.get(name)?.push(Number(/Activation: (\d+)ms/.exec(text ?? '')?.[1] ?? Number.NaN));
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
      ['', 'p50', 'each'],
      [...times].map(([name, values]) => [name, `${String(percentile(values, 0.5))} ms`, values.join(', ')]),
    ),
  );
  console.log(
    `\nAt its activation Omnispindle loads ${String(startOfExtension(join(root, 'dist')).bytes)} bytes.`,
  );
}
