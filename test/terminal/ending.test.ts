import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSilentServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { useUser } from '../tenant/useTenant.ts';
import { cli, signIn, start, userEnvironment } from './fixtures.ts';
import { alive, descendants, processesWith, untilNone, type FoundProcess } from './processes.ts';
import { describeNeeds } from '../needs.ts';

/** What a process of ours has started is gone this long (ms) after it, at the latest. */
const limit = 5_000;

/** Servers as people have them, and their worst: each says by the file `$BEGUN` that all of it runs. */
const servers: Record<string, string> = {
  'a shell with two children': 'sleep 600 & : > "$BEGUN"; sleep 600',
  'a wrapper of a wrapper, as npx is': `sh -c 'sh -c ": > \\"$BEGUN\\"; sleep 600; true"; true'; true`,
  'one that ignores SIGTERM, SIGINT and SIGHUP':
    'trap "" TERM INT HUP; sleep 600 & : > "$BEGUN"; while :; do sleep 1; done',
  'one that reads no input, with a child that outlives it':
    'exec < /dev/null; (trap "" TERM HUP; : > "$BEGUN"; sleep 600) & sleep 600',
  'one whose child runs on in the background, without any pipe':
    '(nohup sleep 600 < /dev/null > /dev/null 2>&1 & : > "$BEGUN"); cat > /dev/null',
};

type Child = ReturnType<typeof spawn>;
/** What ends us. */
const ends: Record<string, (child: Child) => void> = {
  'the client closes the pipe': child => {
    child.stdin?.end();
  },
  'it gets SIGTERM': child => child.kill('SIGTERM'),
  'it gets SIGINT': child => child.kill('SIGINT'),
  'it gets SIGHUP': child => child.kill('SIGHUP'),
  'it gets SIGKILL, which it cannot hear': child => child.kill('SIGKILL'),
  'the client sends a second signal at once': child => {
    child.kill('SIGINT');
    setTimeout(() => child.kill('SIGTERM'), 100);
  },
  'the client reads no more, and calls': child => {
    child.stdout?.destroy();
    child.stdin?.write('{"jsonrpc":"2.0","id":2,"method":"ping"}\n{"jsonrpc":"2.0","id":3}\nnonsense\n');
    child.stdin?.end();
  },
};

const initialize = `${JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
})}\n`;

describeNeeds(['Linux'], 'the end of', () => {
  const started: Child[] = [];
  const leftovers: (() => readonly FoundProcess[])[] = [];
  const given = useUser(async () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    const left = leftovers.splice(0).flatMap(look => look());
    for (const pid of new Set(left.map(one => one.pid))) process.kill(pid, 'SIGKILL');
    return Promise.resolve();
  });

  function startServer(args: readonly string[], env: Record<string, string> = {}): Child {
    const child = spawn(process.execPath, [cli, ...args], {
      env: userEnvironment({ tenant: given.tenant, directory: given.directory, env }),
      cwd: given.directory,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => undefined);
    started.push(child);
    return child;
  }

  /** Starts `run` with that server, until all of it runs. @returns a look at what is left of it, too */
  async function runServer(script: string, env: Record<string, string> = {}) {
    const id = randomUUID();
    const begun = join(given.directory, id);
    const child = startServer(['run', '--variable', 'T', '--', 'sh', '-c', script], {
      RUN_ID: id,
      BEGUN: begun,
      ...env,
    });
    child.stdin?.write(initialize);
    while (!existsSync(begun)) await delay(50);
    await delay(100);
    const mine = descendants(child.pid ?? 0);
    // Also what no longer has a parent to be found by.
    const look = () =>
      [...alive(mine), ...processesWith(`RUN_ID=${id}`)].filter(({ pid }) => pid !== child.pid);
    leftovers.push(look);
    return { child, look, begun };
  }

  for (const [how, end] of Object.entries(ends)) {
    it(`[T16] run is the end of all that it has started, when ${how}`, async () => {
      await signIn({ tenant: given.tenant, directory: given.directory });
      await Promise.all(
        Object.entries(servers).map(async ([what, script]) => {
          const { child, look } = await runServer(script);
          assert.notEqual(look().length, 0);
          const gone = once(child, 'exit');
          end(child);
          await gone;
          assert.deepEqual(await untilNone(look, limit), [], what);
        }),
      );
    });
  }

  it('[T16] run is the end of all that it has started, when it fails by an error that nobody expected', async () => {
    const code = `import { existsSync } from 'node:fs';
      setInterval(() => { if (existsSync(process.env.BEGUN + '.fail')) throw new Error('oh'); }, 50);`;
    await signIn({ tenant: given.tenant, directory: given.directory });
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(code)}`;
    await Promise.all(
      Object.entries(servers).map(async ([what, script]) => {
        const { child, look, begun } = await runServer(script, { NODE_OPTIONS });
        const gone = once(child, 'exit');
        writeFileSync(`${begun}.fail`, '');
        await gone;
        assert.deepEqual(await untilNone(look, limit), [], what);
      }),
    );
  });

  it('[T16] run is the end of the rest when its server ends by itself', async () => {
    await signIn({ tenant: given.tenant, directory: given.directory });
    const { child, look } = await runServer('sleep 600 > /dev/null & : > "$BEGUN"; sleep 0.5');
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 1);
    assert.deepEqual(await untilNone(look, limit), []);
  });

  it('[T16] a server hears the signal that ended us, as it would on a terminal', async () => {
    await signIn({ tenant: given.tenant, directory: given.directory });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const heard = join(given.directory, `heard-${signal}`);
      const name = signal.slice(3);
      const script = `trap ': > "$HEARD"; exit' ${name}; : > "$BEGUN"; while :; do sleep 0.1; done`;
      const { child, look } = await runServer(script, { HEARD: heard });
      child.kill(signal);
      await once(child, 'exit');
      assert.ok(existsSync(heard), signal);
      assert.deepEqual(await untilNone(look, limit), []);
    }
  });

  it('[T16] the end of init is the end of the npm that it has started', async () => {
    const asked: Socket[] = [];
    const registry = createSilentServer(socket => asked.push(socket.on('error', () => undefined)));
    await once(registry.listen(0, '127.0.0.1'), 'listening');
    const port = String((registry.address() as AddressInfo).port);
    writeFileSync(join(given.directory, '.npmrc'), `registry=http://127.0.0.1:${port}/\n`);
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGKILL'] as const) {
      const id = randomUUID();
      const child = startServer(['init', '--client', 'cursor'], { RUN_ID: id });
      const look = () => processesWith(`RUN_ID=${id}`).filter(({ pid }) => pid !== child.pid);
      leftovers.push(look);
      while (asked.length === 0) await delay(50);
      assert.notEqual(look().length, 0);
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
      assert.deepEqual(await untilNone(look, limit), [], signal);
      for (const socket of asked.splice(0)) socket.destroy();
    }
    registry.close();
  });

  it('[T16] serve ends in order at SIGHUP, too, and leaves the browser that it opened', async () => {
    const pid = join(given.directory, 'browser.pid');
    const browser = join(given.directory, 'browser.sh');
    writeFileSync(browser, `#!/bin/sh\necho $$ > ${pid}.new; mv ${pid}.new ${pid}; exec sleep 60\n`);
    chmodSync(browser, 0o755);
    const child = startServer(['serve'], { BROWSER: browser });
    child.stdin?.write(initialize);
    child.stdin?.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
    const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'whoami', arguments: {} } };
    child.stdin?.write(`${JSON.stringify(call)}\n`);
    while (!existsSync(pid)) await delay(50);
    const opened = processesWith(browser).filter(one => one.pid === Number(readFileSync(pid, 'utf8')));
    leftovers.push(() => alive(opened));
    child.kill('SIGHUP');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    assert.equal(alive(opened).length, 1);
  });

  it('[T16] connect tells its server at SIGHUP, too', async () => {
    const heard: string[] = [];
    const server = createServer((request, response) => {
      heard.push(request.method ?? '');
      if (request.method !== 'POST') {
        response.writeHead(request.method === 'DELETE' ? 200 : 405).end();
        return;
      }
      void request.toArray().then(parts => {
        const { id } = JSON.parse(Buffer.concat(parts as Buffer[]).toString()) as { id?: number };
        if (id === undefined) {
          response.writeHead(202).end();
          return;
        }
        response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'one' });
        const result = {
          protocolVersion: '2025-06-18',
          capabilities: {},
          serverInfo: { name: 's', version: '1' },
        };
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      });
    });
    await once(server.listen(0, 'localhost'), 'listening');
    const url = `http://localhost:${String((server.address() as AddressInfo).port)}/mcp`;
    await signIn({ tenant: given.tenant, directory: given.directory });
    const child = startServer(['connect', url, '--default-audience']);
    child.stdin?.write(initialize);
    await once(child.stdout!, 'data');
    child.kill('SIGHUP');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    assert.ok(heard.includes('DELETE'), heard.join());
    server.close();
  });

  it('[T16] a command that waits for a sign-in says so at SIGHUP, too', async () => {
    const login = start(
      { tenant: given.tenant, directory: given.directory, env: { BROWSER: 'none' } },
      'login',
    );
    await login.says(/Open this address/);
    process.kill(login.pid, 'SIGHUP');
    const { code, signal, stderr } = await login.ended;
    assert.deepEqual([code, signal], [129, null]);
    assert.match(stderr, /The sign-in was cancelled/);
  });
});
