import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startRemoteServer, type RemoteServer } from '../bridge/remote/remoteServer.ts';
import { signInByForm } from '../tenant/browserless.ts';
import { useUser } from '../tenant/useTenant.ts';
import { cli, run, userEnvironment, visits } from './fixtures.ts';
import { endSignIns, signInProcesses, untilNone } from './processes.ts';

const environmentServer = join(import.meta.dirname, '..', 'bridge', 'local', 'environmentServer.mjs');
const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
/** What makes a server ask for a token. */
const asks = [
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'whoami', arguments: {} } },
];

const kill = (pid: number) => process.kill(pid, 'SIGKILL');
/** How clients end a server that was not ready in time. */
const ends: Record<string, (pid: number) => unknown> = {
  'SIGTERM, as most clients do': pid => process.kill(pid, 'SIGTERM'),
  'SIGINT, as Claude Code does first': pid => process.kill(pid, 'SIGINT'),
  SIGKILL: kill,
  'SIGKILL to its process group': pid => process.kill(-pid, 'SIGKILL'),
};

describe('a sign-in that takes longer than the client waits for its server', function () {
  this.timeout(60_000);
  const started = new Set<number>();
  let remote: RemoteServer;
  const given = useUser(async () => {
    for (const pid of started) process.kill(-pid, 'SIGKILL');
    started.clear();
    await remote.stop();
  });
  beforeEach(async () => {
    remote = await startRemoteServer();
  });

  const commands = {
    serve: () => ['serve'],
    connect: () => ['connect', remote.url, '--default-audience'],
    run: () => ['run', '--variable', 'API_TOKEN', '--', process.execPath, environmentServer],
  };
  const ready = () => join(given.directory, 'ready');
  /** The person is done with the form. */
  const finishForm = () => {
    writeFileSync(ready(), '');
  };

  /** Starts a server as a client does, in a process group of its own. */
  function startServer(args: readonly string[], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [cli, ...args], {
      env: userEnvironment({
        tenant: given.tenant,
        directory: given.directory,
        env: { DEMO_BROWSER_READY: ready(), OMNISPINDLE_DEBUG: '1', ...env },
      }),
      cwd: given.directory,
      detached: true,
    });
    const pid = child.pid ?? 0;
    started.add(pid);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on('error', () => undefined);
    for (const message of [initialize, ...asks]) child.stdin.write(`${JSON.stringify(message)}\n`);
    // Not before all who hold its stdout and stderr have closed them.
    const closed = once(child, 'close').then(() => started.delete(pid));
    const seen = async (what: RegExp) => {
      while (!what.test(stdout + stderr)) {
        if (!started.has(pid)) throw new Error(`It ended without ${String(what)}: ${stdout}${stderr}`);
        await delay(10);
      }
      return what.exec(stdout + stderr)?.[0] ?? '';
    };
    return {
      seen,
      /** It has the answer that needed a token. */
      answered: () =>
        seen(args[0] === 'serve' ? /"email":"ada@example\.com"/ : /^(?=.*"id":2[,}]).*"result":/m),
      async end(how: (pid: number) => unknown) {
        how(pid);
        await closed;
      },
    };
  }

  const signsIns = () => given.tenant.counters()['token:authorization_code'];
  const signedIn = async () => {
    while ((await run(here(), 'whoami')).code !== 0) await delay(50);
  };
  const here = () => ({ tenant: given.tenant, directory: given.directory });

  for (const [command, args] of Object.entries(commands)) {
    it(`[W10] is one tab and one sign-in, however often ${command} is started while it waits`, async () => {
      for (const end of Object.values(ends)) {
        const server = startServer(args());
        await server.seen(/Waiting for the sign-in in the browser/);
        await server.end(end);
      }
      const waiting = startServer(args());
      await waiting.seen(/A sign-in is already open\. Waiting for the sign-in/);
      finishForm();
      await waiting.answered();
      const next = startServer(args());
      await next.answered();
      assert.equal(visits(given.directory).length, 1);
      assert.equal(signsIns(), 1);
    });
  }

  for (const [how, end] of Object.entries(ends)) {
    it(`[W10] is completed when the person is done, and not lost with a server that got ${how}`, async () => {
      const server = startServer(['serve']);
      await server.seen(/Waiting for the sign-in/);
      await server.end(end);
      finishForm();
      await signedIn();
      assert.deepEqual(await untilNone(() => signInProcesses(given.directory), 5_000), []);
      assert.equal(signsIns(), 1);
    });
  }

  it('[W10] is not lost where the server is killed before the browser was opened', async () => {
    given.tenant.setMode('slow', 1_000);
    const server = startServer(commands.connect());
    await server.seen(/goes on in a process of its own/);
    await server.end(kill);
    assert.deepEqual(visits(given.directory), []);
    finishForm();
    await signedIn();
    assert.equal(visits(given.directory).length, 1);
  });

  it('[W10] is finished where the person opens the address by hand', async () => {
    const server = startServer(commands.connect(), { BROWSER: 'none' });
    const url = await server.seen(/http:\S+\/authorize\?\S+/);
    await server.end(kill);
    assert.match((await signInByForm(url)).html, /You are signed in as ada@example\.com/);
    await startServer(commands.connect(), { BROWSER: 'none' }).answered();
    assert.equal(signsIns(), 1);
  });

  it('[W10] is finished where the person enters a code', async () => {
    const device = { BROWSER: '', SSH_CONNECTION: '1.2.3.4 5 6.7.8.9 22' };
    const server = startServer(commands.connect(), device);
    const code = await server.seen(/(?<=enter the code )\S+/);
    const page = (await server.seen(/(?<=open )http:\S+(?= and enter)/)).replace(/[.,]$/, '');
    await server.end(kill);
    const next = startServer(commands.connect(), device);
    assert.equal(await next.seen(/(?<=already open.*enter the code )\S+/), code);
    await signInByForm(`${page}?user_code=${code}`);
    await next.answered();
    assert.equal(given.tenant.counters()['token:device_code'], 1);
  });

  it('[W10] fails with an error of the server where the tenant cannot be reached', async () => {
    const server = startServer(['serve'], { AUTH0_DOMAIN: 'http://localhost:1' });
    await server.seen(/"text":"http:\/\/localhost:1 could not be reached/);
    assert.deepEqual(await untilNone(() => signInProcesses(given.directory), 5_000), []);
    assert.deepEqual(visits(given.directory), []);
  });

  it('[W10] stays in a server whose BROWSER is named relative to its directory', async () => {
    const { BROWSER } = userEnvironment(here());
    writeFileSync(join(given.directory, 'own.sh'), `#!/bin/sh\nexec ${String(BROWSER)} "$1"\n`, {
      mode: 0o755,
    });
    const server = startServer(commands.connect(), { BROWSER: './own.sh' });
    await server.seen(/Waiting for the sign-in/);
    assert.deepEqual(signInProcesses(given.directory), []);
    finishForm();
    await server.answered();
    assert.equal(visits(given.directory).length, 1);
  });

  it('[W10] is taken up by the next start where the process that went on with it was killed', async () => {
    const server = startServer(commands.connect());
    await server.seen(/Waiting for the sign-in/);
    await server.end(kill);
    await endSignIns(given.directory);
    finishForm();
    await startServer(commands.connect()).answered();
    assert.equal(visits(given.directory).length, 2);
    assert.equal(signsIns(), 1);
  });

  it('[W10] goes on in the server itself where that process is killed', async () => {
    const server = startServer(commands.connect());
    await server.seen(/Waiting for the sign-in/);
    await endSignIns(given.directory);
    finishForm();
    await server.answered();
    assert.deepEqual(signInProcesses(given.directory), []);
    assert.equal(signsIns(), 1);
  });

  it('[W10] ends when all that is ours is removed, as "reset" does', async () => {
    const server = startServer(commands.connect());
    await server.seen(/Waiting for the sign-in/);
    await server.end(kill);
    assert.equal(signInProcesses(given.directory).length, 1);
    const reset = spawn(process.execPath, [cli, 'reset'], {
      env: userEnvironment(here()),
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    reset.stdin.end('y\n');
    assert.deepEqual(await once(reset, 'exit'), [0, null]);
    assert.deepEqual(await untilNone(() => signInProcesses(given.directory), 5_000), []);
    assert.ok(!readdirSync(given.directory).includes('data'));
  });

  it('[W10] tells nobody a secret by its arguments or its environment, and takes no code with it', async () => {
    const server = startServer([...commands.connect(), '--header', 'x-key: ${SERVER_KEY}'], {
      SERVER_KEY: 'the-key-of-a-server',
      HTTPS_PROXY: 'http://ada:the-password@proxy.example:8080',
      OMNISPINDLE_ACCOUNT: '',
      NODE_OPTIONS: `--require=${ownModule()} --use-system-ca`,
    });
    const url = new URL(await server.seen(/http:\S+\/authorize\?\S+/));
    const [{ pid } = { pid: 0 }] = signInProcesses(given.directory);
    const read = (name: string) =>
      readFileSync(`/proc/${String(pid)}/${name}`, 'utf8')
        .split('\0')
        .filter(Boolean);
    assert.deepEqual(read('cmdline'), [process.execPath, '--use-system-ca', cli, 'sign-in-process']);
    assert.equal(readlinkSync(`/proc/${String(pid)}/cwd`), '/');
    const environment = read('environ');
    for (const secret of [
      'the-key-of-a-server',
      'the-password',
      'NODE_OPTIONS',
      'AUTH0_',
      given.tenant.clientId,
    ]) {
      assert.deepEqual(
        environment.filter(text => text.includes(secret)),
        [],
      );
    }
    for (const name of ['state', 'nonce', 'code_challenge']) {
      assert.ok(!environment.join().includes(url.searchParams.get(name)!));
    }
    assert.equal(readFileSync(join(given.directory, 'loaded'), 'utf8'), 'server\n');
  });

  /** A module that notes who has loaded it. */
  function ownModule(): string {
    const path = join(given.directory, 'own.cjs');
    const loaded = JSON.stringify(join(given.directory, 'loaded'));
    writeFileSync(
      path,
      `if (process.argv[1] === ${JSON.stringify(cli)}) require('fs').appendFileSync(${loaded}, process.argv[2] === 'connect' ? 'server\\n' : process.argv[2] + '\\n');`,
    );
    return path;
  }
});
