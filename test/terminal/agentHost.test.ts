import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { BrokerHost } from '../../src/broker/host.ts';
import type { JoinRequest } from '../../src/broker/joinRequest.ts';
import type { ServerSecrets } from '../../src/broker/serverSecrets.ts';
import type { ServerDefinition } from '../../src/broker/serverDefinition.ts';
import { definitionVariable } from '../../src/broker/variables.ts';
import { createWindowRecord, type WindowRecord } from '../../src/broker/windowRecord.ts';
import { hashOfDefinition, writeDefinition } from '../../src/broker/writtenDefinition.ts';
import { noLog } from '../../src/common/log.ts';
import { openWindow } from '../broker/fixtures.ts';
import { call, startClient, visits, type Served } from './fixtures.ts';
import { callOf, useEnvFile, type ServerCommand } from './useEnvFile.ts';

const editor = 'this editor';

describe('a server that an agent starts by what the editor says of it', () => {
  const given = useEnvFile();
  let windows: { host: BrokerHost; record: WindowRecord }[];
  let joined: JoinRequest[];
  let served: Client[];

  beforeEach(() => {
    windows = [];
    joined = [];
    served = [];
  });
  afterEach(async () => {
    await Promise.all(served.map(client => client.close()));
    for (const window of windows) await close(window);
  });

  const workspace = () => join(given.directory, 'workspace');
  const windowsDirectory = () => join(given.directory, 'windows');

  /** A window of the editor, in which that person is signed in. */
  async function open(
    sub: string,
    { secrets = {}, focusedAt = 1 }: { secrets?: ServerSecrets; focusedAt?: number } = {},
  ) {
    const host = openWindow(
      async () => ({
        accessToken: await given.tenant.sign({ sub }),
        expiresAt: Date.now() + 3_600_000,
        lifetime: 3_600_000,
        account: { label: `${sub} of the window` },
      }),
      {
        join(asked) {
          joined.push(asked);
          return host.grant(sub, { secrets: () => Promise.resolve(secrets) });
        },
      },
    );
    const record = createWindowRecord(windowsDirectory(), noLog);
    await record.write({ ...(await host.openDoor()), editor, focusedAt });
    const window = { host, record };
    windows.push(window);
    return window;
  }

  async function close({ host, record }: { host: BrokerHost; record: WindowRecord }): Promise<void> {
    record.remove();
    await host.dispose();
  }

  /** A workspace that would decide all that it can. */
  function hostileWorkspace(): void {
    const bin = join(workspace(), 'node_modules', '.bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(
      join(workspace(), '.env'),
      `${given.evilFile}AUTH0_TOKEN=theirs\nOMNISPINDLE_ACCOUNT=mallory\n`,
    );
    for (const name of ['npx', 'node', 'probe', 'xdg-open']) {
      writeFileSync(join(bin, name), `#!/bin/sh\n: > "${join(given.directory, `ran-${name}`)}"\n`);
      chmodSync(join(bin, name), 0o755);
    }
    writeFileSync(join(workspace(), 'package.json'), '{"name":"cloned","version":"1.0.0"}');
  }

  function definitionOf(
    server?: ServerDefinition['server'],
    more: Partial<ServerDefinition> = {},
  ): ServerDefinition {
    const { domain, clientId, audience } = given.tenant;
    return {
      version: 1,
      name: server ? 'Loom' : 'Omnispindle',
      editor,
      windows: windowsDirectory(),
      tenant: { domain, clientId, audience },
      ...(server && { server }),
      ...more,
    };
  }

  /** Starts it as an agent does: the command, the arguments and the variables, in the workspace. */
  async function start(command: ServerCommand, definition: ServerDefinition | string): Promise<Served> {
    if (!existsSync(workspace())) hostileWorkspace();
    const written = typeof definition === 'string' ? definition : writeDefinition(definition);
    const tenantless = command !== 'serve' && { AUTH0_DOMAIN: '', AUTH0_CLIENT_ID: '', AUTH0_AUDIENCE: '' };
    const env = { [definitionVariable]: written, npm_config_offline: 'true', ...tenantless };
    const started = await startClient([command], given.here(env), workspace());
    served.push(started.client);
    return started;
  }

  const textOf = async (
    command: ServerCommand,
    { client }: Served,
    name: string = callOf(command).name,
  ): Promise<string> => {
    const { content } = await client.callTool({ ...callOf(command), name }, undefined, { timeout: 30_000 });
    return (content as { text: string }[]).map(({ text }) => text).join('\n');
  };

  it('[E2] runs as the person of an open window, whoever is in the workspace, and nobody signs in', async () => {
    await open('auth0|ada');
    const definition = definitionOf();
    const { client } = await start('serve', definition);
    assert.equal((await call(client, 'whoami')).result?.['sub'], 'auth0|ada');
    assert.equal((await call(client, 'whoami')).result?.['sub'], 'auth0|ada');
    assert.deepEqual(visits(given.directory), []);
    assert.deepEqual(given.evil.counters(), {});
    assert.deepEqual(joined, [
      {
        version: 1,
        server: 'Omnispindle',
        definition: hashOfDefinition(writeDefinition(definition)),
        client: 'test',
      },
    ]);
  });

  it('[E2] asks the window that last had the focus, and the next one when that is closed', async () => {
    await open('auth0|grace', { focusedAt: 1 });
    const last = await open('auth0|ada', { focusedAt: 2 });
    const { client } = await start('serve', definitionOf());
    assert.equal((await call(client, 'whoami')).result?.['sub'], 'auth0|ada');
    await close(last);
    await eventually(async () => (await call(client, 'whoami')).result?.['sub'] === 'auth0|grace');
    assert.deepEqual(visits(given.directory), []);
  });

  it('[E2] signs in by itself when the last window is closed, at the tenant of the settings', async () => {
    const only = await open('auth0|grace');
    const { client } = await start('serve', definitionOf());
    assert.equal((await call(client, 'whoami')).result?.['sub'], 'auth0|grace');
    await close(only);
    await eventually(async () => (await call(client, 'whoami')).result?.['email'] === 'ada@example.com');
    assert.equal(visits(given.directory).length, 1);
    assert.deepEqual(given.evil.counters(), {});
    // A window that opens meanwhile counts again.
    await open('auth0|grace');
    assert.equal((await call(client, 'whoami')).result?.['sub'], 'auth0|grace');
  });

  it('[E2] leaves no secret of a window in what an agent reads or shows: its arguments and variables', async () => {
    await open('auth0|ada', { secrets: { env: { KEY: 'S3CRET' } } });
    const server = { command: process.execPath, args: [], tokenVariable: 'API_TOKEN' };
    const { pid } = await start(
      'run',
      definitionOf({ ...server, args: [tellingServer] }, { secrets: ['KEY'] }),
    );
    if (process.platform !== 'linux') return;
    for (const file of ['environ', 'cmdline']) {
      assert.doesNotMatch(
        readFileSync(`/proc/${String(pid)}/${file}`, 'utf8'),
        /S3CRET|OMNISPINDLE_BROKER_KEY/,
      );
    }
  });

  it('[E2] sends the headers of its setting, which the window tells it', async () => {
    await open('auth0|ada', { secrets: { headers: { 'X-Api-Key': 'S3CRET' } } });
    const started = await start(
      'connect',
      definitionOf({ url: given.remote.url }, { secrets: ['X-Api-Key'] }),
    );
    assert.equal(await textOf('connect', started), 'hi');
    assert.ok(given.remote.requests.every(({ headers }) => headers['x-api-key'] === 'S3CRET'));
    assert.deepEqual(given.evil.counters(), {});
  });

  it('[E2] starts the command of its setting as it is written, at home, with the variables that the window tells', async () => {
    await open('auth0|ada', { secrets: { env: { KEY: 'S3CRET', API_TOKEN: 'not this' } } });
    const literal = ['${workspaceFolder}', '$HOME', '${env:HOME}', '%PATH%', 'a "b" \'c\''];
    const server = {
      command: process.execPath,
      args: [tellingServer, ...literal],
      tokenVariable: 'API_TOKEN',
    };
    const started = await start('run', definitionOf(server, { secrets: ['KEY'] }));
    const { args, cwd, env } = JSON.parse(await textOf('run', started, 'start')) as {
      args: string[];
      cwd: string;
      env: Record<string, string>;
    };
    assert.deepEqual(args, literal);
    assert.equal(cwd, realpathSync(given.directory));
    assert.equal(env['KEY'], 'S3CRET');
    assert.match(env['API_TOKEN'] ?? '', /^ey/);
    assert.equal(env[definitionVariable], undefined);
  });

  it('[E2] runs no program of the workspace, although npx would', async () => {
    await open('auth0|ada');
    const program = ['--no-install', 'probe'];
    const server = { command: 'npx', args: program, tokenVariable: 'API_TOKEN' };
    await assert.rejects(start('run', definitionOf(server)).then(started => textOf('run', started)));
    assert.equal(existsSync(join(given.directory, 'ran-probe')), false);
    assert.equal(existsSync(join(given.directory, 'ran-npx')), false);
    // The attack is real: in the workspace it would have been run.
    execFileSync('npx', program, { cwd: workspace(), stdio: 'ignore' });
    assert.equal(existsSync(join(given.directory, 'ran-probe')), true);
  });

  it('[E2] says what it lacks where no window is open that knows its headers', async () => {
    const started = await start(
      'connect',
      definitionOf({ url: given.remote.url }, { secrets: ['X-Api-Key'] }),
    );
    const said = await textOf('connect', started).catch(String);
    assert.match(said, /No window of the editor is open, and Loom cannot run without one: .*X-Api-Key/);
    assert.deepEqual(given.remote.requests, []);
    assert.deepEqual(visits(given.directory), []);
  });

  it('[E2] sends nothing to a server that names no API, where no window is open to ask about it', async () => {
    const started = await start('connect', definitionOf({ url: given.remote.url }));
    const said = await textOf('connect', started).catch(String);
    assert.match(said, /Loom cannot run without one: the server does not say which API/);
    // Where nobody can be asked, the way out is a setting.
    assert.match(said, /set "audience" for this server in the setting omnispindle\.servers, .*open a window/);
    assert.deepEqual(given.remote.requests, []);
  });

  it('[E2] does not start by what another version of the editor has said', async () => {
    for (const written of ['nonsense', writeDefinition({ ...definitionOf(), version: 2 } as never)]) {
      const { client } = await start('serve', written);
      const { error } = await call(client, 'whoami');
      assert.match(
        error ?? '',
        /What the editor says of this server cannot be understood.*Reload the window/s,
      );
    }
    assert.deepEqual(visits(given.directory), []);
  });

  it('[E2] says what is wrong with the settings where no window is open', async () => {
    const { tenant: _tenant, ...rest } = definitionOf();
    const { client } = await start('serve', {
      ...rest,
      problem: 'The setting omnispindle.auth0.domain is wrong.',
    });
    assert.match((await call(client, 'whoami')).error ?? '', /omnispindle\.auth0\.domain is wrong/);
    assert.deepEqual(visits(given.directory), []);
  });
});

/** The process hears a moment later that its window is gone. */
async function eventually(look: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await look()); await delay(50)) {
    assert.ok(Date.now() < end, 'It did not happen in time.');
  }
}

const tellingServer = join(import.meta.dirname, 'tellingServer.mjs');
