import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Browser } from 'playwright-core';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { launchBrowser } from '../editor/browser.ts';
import { demoUser, googleUser } from '../tenant/accounts.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { userEnvironment, visits } from './fixtures.ts';
import { describeNeeds } from '../needs.ts';

const root = join(import.meta.dirname, '..', '..');

describeNeeds(['Chromium', 'a keyring'], 'the published package, installed in an empty folder', function () {
  this.timeout(120_000);
  const directory = temporaryDirectory();
  let tenant: DemoTenant;
  let browser: Browser;

  before(async () => {
    tenant = await startTenant();
    browser = await launchBrowser();
    execFileSync('npm', ['pack', '--silent', '--pack-destination', directory.path], {
      cwd: root,
      stdio: 'ignore',
    });
    const [archive = ''] = readdirSync(directory.path);
    writeFileSync(join(directory.path, 'package.json'), '{"private":true,"type":"module"}');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `./${archive}`], {
      cwd: directory.path,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  });
  after(async () => {
    await browser.close();
    await tenant.close();
    directory.remove();
  });

  const environment = (env: Record<string, string> = {}) =>
    userEnvironment({ tenant, directory: directory.path, env });

  function readmeSection(): string {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    return readme.slice(readme.indexOf('## Other MCP clients'));
  }

  /** Starts the server with the README's own configuration, npx included. */
  async function connect(env: Record<string, string>): Promise<Client> {
    const configuration = JSON.parse(/```json\n(.*?)```/s.exec(readmeSection())?.[1] ?? '') as {
      mcpServers: { omnispindle: { command: string; args: string[] } };
    };
    const client = new Client({ name: 'test', version: '1.0.0' });
    const { command, args } = configuration.mcpServers.omnispindle;
    await client.connect(
      new StdioClientTransport({
        command,
        args,
        cwd: directory.path,
        env: environment(env),
        stderr: 'ignore',
      }),
    );
    return client;
  }

  const people: [
    string,
    (click: (id: string, fields?: Record<string, string>) => Promise<void>) => Promise<void>,
    string,
  ][] = [
    [
      'existing credentials',
      click => click('login', { email: demoUser.email, password: demoUser.password }),
      demoUser.email,
    ],
    [
      'sign-up',
      async click => {
        await click('to-signup');
        await click('signup', { name: 'Katherine', email: 'katherine@example.com', password: 'long enough' });
      },
      'katherine@example.com',
    ],
    [
      'the federated Google stand-in',
      async click => {
        await click('google');
        await click('login', { email: googleUser.email, password: googleUser.password });
      },
      googleUser.email,
    ],
  ];
  for (const [index, [name, act, email]] of people.entries()) {
    it(`seed: follows the README word for word: a tool call signs in in a real browser, with ${name}`, async () => {
      const client = await connect({
        BROWSER: 'none',
        OMNISPINDLE_DATA_DIR: join(directory.path, `data${String(index)}`),
      });
      try {
        const { promise: opened, resolve } = Promise.withResolvers<string>();
        const called = client.callTool({ name: 'whoami', arguments: {} }, undefined, {
          onprogress: ({ message }) => {
            const url = /https?:\S+/.exec(message ?? '')?.[0];
            if (url) resolve(url);
          },
        });
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.goto(await opened);
        await act(async (id, fields = {}) => {
          for (const [field, value] of Object.entries(fields)) await page.fill(`[name=${field}]`, value);
          await page.click(`#${id}`);
        });
        await page.getByText('You may close this page').waitFor();
        const result = await called;
        assert.equal((result.structuredContent as { email: string }).email, email);
        await context.close();
      } finally {
        await client.close();
      }
    });
  }

  it('seed: is a library: the README’s example runs', async () => {
    const example = /```ts\n(.*?)```/s.exec(readmeSection())?.[1] ?? '';
    writeFileSync(join(directory.path, 'example.js'), `${example}\nconsole.log(token.split('.').length);`);
    const { stdout } = await promisify(execFile)(process.execPath, ['example.js'], {
      cwd: directory.path,
      env: environment(),
    });
    assert.equal(stdout.trim(), '3');
    assert.equal(visits(directory.path).length, 1);
  });

  it('is typed, the library and what the extension exports to others', async () => {
    const consumer = `
      import { ensureAuthenticated } from 'omnispindle';
      import type { OmnispindleApi } from 'omnispindle/api';
      export const token: Promise<string> = ensureAuthenticated();
      export async function label(api: OmnispindleApi): Promise<string | undefined> {
        return (await api.getAccount())?.label;
      }
      // @ts-expect-error A token is no number.
      export const wrong: Promise<number> = ensureAuthenticated();
      export async function none(api: OmnispindleApi): Promise<void> {
        // @ts-expect-error There is no such thing.
        await api.getPassword();
      }`;
    writeFileSync(join(directory.path, 'consumer.ts'), consumer);
    const modules = join(root, 'node_modules');
    const flags = '--noEmit --strict --module nodenext --target es2024 --types node,vscode --typeRoots'.split(
      ' ',
    );
    await promisify(execFile)(
      process.execPath,
      [join(modules, 'typescript', 'bin', 'tsc'), ...flags, join(modules, '@types'), 'consumer.ts'],
      { cwd: directory.path },
    ).catch((error: unknown) => {
      assert.fail((error as { stdout: string }).stdout);
    });
  });

  it('keeps sessions encrypted with a key from the keychain, where there is one', async () => {
    const home = join(directory.path, 'keychain-home');
    mkdirSync(home);
    const data = join(home, 'data');
    const cli = join(directory.path, 'node_modules', '.bin', 'omnispindle');
    // A real gnome-keyring, unlocked with an empty password, on a bus of its own.
    const script = `echo -n pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
      "${cli}" login && "${cli}" whoami && "${cli}" token >/dev/null`;
    const { stdout } = await promisify(execFile)('dbus-run-session', ['--', 'bash', '-c', script], {
      cwd: home,
      env: { ...environment(), HOME: home, OMNISPINDLE_DATA_DIR: data },
    });
    assert.match(stdout, /signed in as ada@example\.com/);
    const sessions = join(data, 'sessions');
    const [name = ''] = readdirSync(sessions);
    assert.match(name, /\.sealed$/);
    assert.equal(statSync(join(sessions, name)).mode & 0o777, 0o600);
    assert.doesNotMatch(readFileSync(join(sessions, name), 'utf8'), /ada@example|eyJhbGciOiJSUzI1NiI/);
  });
});
