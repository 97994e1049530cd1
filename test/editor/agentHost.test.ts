import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { call, userEnvironment, visits } from '../terminal/fixtures.ts';
import { endSignIns } from '../terminal/processes.ts';
import { signInInBrowser } from './standIn/browser.ts';
import type { Profile } from './standIn/profile.ts';
import type { StandIn } from './standIn/startExtension.ts';
import { useStandIn } from './standIn/useStandIn.ts';

describe('a server that an agent of a desktop editor starts by what the extension provides', () => {
  const given = useStandIn();
  let clients: Client[] = [];

  afterEach(async () => {
    await Promise.all(clients.map(client => client.close()));
    clients = [];
    await endSignIns(given.directory);
  });

  async function signIn(window: StandIn): Promise<void> {
    const command = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    await signInInBrowser(window);
    await command;
  }

  /** Starts the bundled server as an agent does: as it was provided, in a workspace, with little else. */
  async function start(window: StandIn, name = 'harness'): Promise<Client> {
    const [definition] = await given.definitions(window);
    assert.ok(definition);
    const { command, args } = definition;
    const env = definition.env as Record<string, string>;
    const workspace = join(given.directory, 'workspace');
    mkdirSync(workspace, { recursive: true });
    const { PATH, HOME, BROWSER, DEMO_BROWSER_VISITS } = userEnvironment({
      tenant: given.tenant,
      directory: given.directory,
    });
    const client = new Client({ name, version: '1.0.0' });
    await client.connect(
      new StdioClientTransport({
        command,
        args,
        env: {
          ...Object.fromEntries(
            Object.entries({ PATH, HOME, BROWSER, DEMO_BROWSER_VISITS }).map(([key, value]) => [
              key,
              value ?? '',
            ]),
          ),
          ...env,
        },
        cwd: workspace,
        stderr: 'ignore',
      }),
    );
    clients.push(client);
    return client;
  }

  const whoami = async (client: Client) => (await call(client, 'whoami')).result?.['email'];

  /** A window that has been found by everybody who looks for one. */
  async function open(profile: Profile, isFocused = false): Promise<StandIn> {
    const directory = join(given.directory, 'data', 'windows');
    const count = () => {
      try {
        return readdirSync(directory).filter(name => name.endsWith('.json')).length;
      } catch {
        return 0;
      }
    };
    const before = count();
    const window = await given.start({ profile, isFocused });
    while (count() === before) await delay(10);
    return window;
  }

  it('[E2] is told to be a Node.js where the editor’s is an Electron', async () => {
    const window = await given.start();
    const [plain] = await given.definitions(window);
    assert.equal(plain?.env['ELECTRON_RUN_AS_NODE'], undefined);
    Object.defineProperty(process.versions, 'electron', { value: '37.6.0', configurable: true });
    try {
      const [definition] = await given.definitions(window);
      assert.equal(definition?.env['ELECTRON_RUN_AS_NODE'], '1');
    } finally {
      Reflect.deleteProperty(process.versions, 'electron');
    }
  });

  it('[E2] runs as the person of the window that last had the focus, which asks once, and of the next one when that is closed', async () => {
    const profile = given.profile();
    const first = await open(profile);
    await signIn(first);
    const second = await open(profile);
    second.setFocused(true);
    await delay(200);
    const client = await start(first);
    const called = whoami(client);
    await second.screen.press('Allow');
    // This window has not been allowed to use the account, which the stand-in keeps for each window.
    await second.screen.press('Allow');
    assert.equal(await called, 'ada@example.com');
    await second.deactivate();
    await delay(200);
    // The person has answered; the windows of a profile share that.
    assert.equal(await whoami(client), 'ada@example.com');
    assert.deepEqual(visits(given.directory), []);
  });

  it('[E2] asks no window of another profile, and signs in by itself where there is no other', async () => {
    const first = await open(given.profile());
    const client = await start(first);
    await first.deactivate();
    const others = await open(given.profile(), true);
    assert.equal(await whoami(client), 'ada@example.com');
    assert.equal(visits(given.directory).length, 1);
    assert.deepEqual(others.opened, []);
  });

  it('[E2] that nobody is signed in for has the window sign in at its first call, and no browser of its own', async () => {
    const window = await open(given.profile(), true);
    const client = await start(window);
    const called = whoami(client);
    await window.screen.press('Allow');
    await window.screen.press('Allow');
    await signInInBrowser(window);
    assert.equal(await called, 'ada@example.com');
    assert.deepEqual(visits(given.directory), []);
  });

  it('[E2] gets no more tokens when the settings are not those any more that it was started by', async () => {
    const profile = given.profile();
    const window = await open(profile, true);
    await signIn(window);
    const client = await start(window);
    const called = whoami(client);
    await window.screen.press('Allow');
    await called;
    profile.set('omnispindle.auth0.audience', 'https://other.example/');
    await delay(200);
    assert.match(
      (await call(client, 'whoami')).error ?? '',
      /The settings of Omnispindle have changed since the agent started it/,
    );
  });
});
