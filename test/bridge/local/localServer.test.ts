import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { addressVariable, keyVariable } from '../../../src/broker/variables.ts';
import { openWindow, token } from '../../broker/fixtures.ts';
import { cli, run, signIn, userEnvironment, visits } from '../../terminal/fixtures.ts';
import { until } from '../remote/fixtures.ts';
import { processesWith } from '../../terminal/processes.ts';
import { useUser } from '../../tenant/useTenant.ts';
import { itNeeds } from '../../needs.ts';

const environmentServer = join(import.meta.dirname, 'environmentServer.mjs');

/** A token of the broker's that ends then (ms since the epoch), unlike any other. */
function tokenUntil(end: number): string {
  const claims = { sub: 'of the broker', exp: Math.floor(end / 1_000), jti: randomUUID() };
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
}

interface State {
  readonly pid: number;
  readonly sub: string;
  readonly good: boolean;
  readonly level: string;
  readonly ours: Record<string, string>;
}

interface Call extends RequestOptions {
  readonly name?: string;
  readonly input?: Record<string, unknown>;
}

describe('omnispindle run', () => {
  const clients: Client[] = [];
  const given = useUser(async () => {
    await Promise.all(clients.splice(0).map(client => client.close()));
  });

  async function start(
    env: Record<string, string> = {},
    command = [process.execPath, environmentServer],
  ): Promise<Client> {
    const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities: { roots: {} } });
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///wool' }] }));
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [cli, 'run', '--variable', 'API_TOKEN', '--', ...command],
        env: userEnvironment({ tenant: given.tenant, directory: given.directory, env }),
        stderr: 'ignore',
      }),
    );
    clients.push(client);
    return client;
  }
  async function state(
    client: Client,
    { name = 'state', input = {}, ...options }: Call = {},
  ): Promise<State> {
    const { content } = await client.callTool({ name, arguments: input }, undefined, options);
    return JSON.parse((content as { text: string }[])[0]?.text ?? '') as State;
  }
  const renewals = () => given.tenant.counters()['token:refresh_token'] ?? 0;

  /** Starts a server whose token ends in seconds, and a call that then is under way for as long as the test wants. */
  async function startBusy() {
    given.tenant.setTokenLifetime(2);
    const client = await start();
    const end = join(given.directory, 'end');
    const stop = new AbortController();
    const begun = Promise.withResolvers<unknown>();
    const answer = state(client, {
      name: 'work',
      input: { end },
      signal: stop.signal,
      // Before that it may be told of the sign-in.
      onprogress({ progress }) {
        if (progress > 0) begun.resolve(progress);
      },
    });
    answer.catch(() => undefined);
    await Promise.race([begun.promise, answer]);
    given.tenant.setTokenLifetime(3_600);
    const long = {
      answer,
      end: () => {
        writeFileSync(end, '');
      },
      cancel: () => {
        stop.abort();
      },
    };
    return { client, long };
  }

  /** Calls until one call waits for the others, because the server's token has ended. @returns that call */
  async function waitingCall(client: Client, signal?: AbortSignal): Promise<{ answer: Promise<State> }> {
    for (;;) {
      const waits = Promise.withResolvers<boolean>();
      const answer = state(client, {
        ...(signal && { signal }),
        onprogress({ message }) {
          if (message?.startsWith('Waiting for the server’s other calls')) waits.resolve(true);
        },
      });
      answer.catch(() => undefined);
      if (await Promise.race([waits.promise, answer.then(() => false)])) return { answer };
      await delay(50);
    }
  }

  it('signs in and gives the server its token in the variable', async () => {
    const client = await start();
    assert.equal(visits(given.directory).length, 0);
    const { sub, good } = await state(client);
    assert.equal(visits(given.directory).length, 1);
    assert.equal(sub, 'auth0|ada');
    assert.ok(good);
  });

  it('gives the server the token that the broker gave, and no way to ask the broker itself: it asks run', async () => {
    const window = openWindow(() => Promise.resolve(token(tokenUntil(4_000_000_000_000))));
    const { env } = await window.grant('ada');
    const { sub, ours } = await state(await start(env));
    assert.equal(sub, 'of the broker');
    assert.notEqual(ours[addressVariable], env[addressVariable]);
    assert.notEqual(ours[keyVariable], env[keyVariable]);
    assert.equal(visits(given.directory).length, 0);
    await window.dispose();
  });

  it('gives it the next token before that one ends, while it is used, and no call fails', async () => {
    let asked = 0;
    const window = openWindow(() => {
      asked++;
      // In its last minute another one is asked for: two seconds from now.
      const expiresAt = Date.now() + 62_000;
      return Promise.resolve({ accessToken: tokenUntil(expiresAt), expiresAt, lifetime: 3_600_000 });
    });
    const client = await start((await window.grant('ada')).env);
    await client.setLoggingLevel('warning');
    const pids = new Set<number>();
    while (asked < 3 || pids.size < 2) {
      const { good, pid, level } = await state(client);
      assert.ok(good);
      assert.equal(level, 'warning');
      pids.add(pid);
      await delay(200);
    }
    await window.dispose();
  });

  it('is started again with its next token once it has been used, although no call comes', async () => {
    given.tenant.setTokenLifetime(8);
    const client = await start();
    const before = await state(client);
    given.tenant.setTokenLifetime(3_600);
    const renewed = renewals();
    while (renewals() === renewed) await delay(50);
    const after = await state(client);
    assert.notEqual(after.pid, before.pid);
    assert.ok(after.good);
    assert.equal(renewals(), renewed + 1);
  });

  it('tells a call what it waits for by progress that the server’s own goes on from', async () => {
    const { client, long } = await startBusy();
    const first = await waitingCall(client);
    const told: number[] = [];
    const next = state(client, {
      name: 'work',
      input: { end: join(given.directory, 'next end') },
      onprogress: ({ progress }) => told.push(progress),
    });
    await until(() => told.length > 0);
    long.end();
    // The client forgets progress that comes together with the answer.
    await until(() => told.includes(1));
    writeFileSync(join(given.directory, 'next end'), '');
    await Promise.all([long.answer, first.answer, next]);
    assert.ok(told.length > 1);
    assert.deepEqual(
      told,
      [...new Set(told)].sort((a, b) => a - b),
    );
    assert.equal(told.at(-1), 1);
  });

  itNeeds(
    ['Linux'],
    '[T16] leaves no server with an old token behind a wrapper, and loses no answer',
    async () => {
      const wrapper = ['sh', '-c', `'${process.execPath}' '${environmentServer}'; true`];
      const id = randomUUID();
      given.tenant.setTokenLifetime(10);
      const client = await start({ LINGERS: '1', RUN_ID: id }, wrapper);
      const pids = new Set<number>();
      while (pids.size < 2) {
        const { good, pid } = await state(client);
        assert.ok(good);
        pids.add(pid);
        await delay(100);
      }
      const servers = processesWith(`RUN_ID=${id}`).filter(({ pid }) => pids.has(pid));
      assert.deepEqual(
        servers.map(({ pid }) => pid),
        [[...pids].at(-1)],
      );
    },
  );

  it('renews nothing while it is idle, and has a valid token at the next call', async () => {
    given.tenant.setTokenLifetime(2);
    const client = await start();
    await state(client);
    const before = renewals();
    await delay(7_000);
    assert.ok(renewals() <= before + 1, `${String(renewals() - before)} renewals`);
    given.tenant.setTokenLifetime(3_600);
    assert.ok((await state(client)).good);
  });

  it('lets a call under way end first, and a call that comes after it waits and completes', async () => {
    const { client, long } = await startBusy();
    const short = await waitingCall(client);
    long.end();
    const before = await long.answer;
    const after = await short.answer;
    assert.notEqual(after.pid, before.pid);
    assert.ok(after.good);
    assert.equal(visits(given.directory).length, 1);
  });

  it('forgets a call that was cancelled while it waited, and does not wait for one', async () => {
    const { client, long } = await startBusy();
    const stop = new AbortController();
    const short = await waitingCall(client, stop.signal);
    stop.abort();
    await assert.rejects(short.answer);
    const next = await waitingCall(client);
    long.cancel();
    await assert.rejects(long.answer);
    assert.ok((await next.answer).good);
  });

  it('never passes a call that was cancelled before its turn', async () => {
    const { client, long } = await startBusy();
    const first = await waitingCall(client);
    const stop = new AbortController();
    const second = client.callTool({ name: 'end' }, undefined, { signal: stop.signal });
    stop.abort();
    await assert.rejects(second);
    long.cancel();
    await assert.rejects(long.answer);
    assert.ok((await first.answer).good);
    assert.ok((await state(client)).good);
  });

  it('passes what the server asks the client', async () => {
    const client = await start();
    const { content } = await client.callTool({ name: 'ask' });
    assert.match(JSON.stringify(content), /file:\/\/\/wool/);
  });

  it('is idle again when the server has given up what it asked the client', async () => {
    given.tenant.setTokenLifetime(3);
    const client = await start();
    const { pid } = await state(client);
    client.setRequestHandler(ListRootsRequestSchema, () => new Promise<never>(() => undefined));
    await client.callTool({ name: 'ask' });
    await delay(3_000);
    assert.notEqual((await state(client)).pid, pid);
  });

  it('ends when the server ends by itself', async () => {
    const client = await start();
    const gone = new Promise<void>(resolve => {
      client.onclose = resolve;
    });
    await assert.rejects(client.callTool({ name: 'end' }));
    await gone;
  });

  it('says what to do where the command or the variable is wrong', async () => {
    const here = { tenant: given.tenant, directory: given.directory };
    const variable = await run(here, 'run', '--variable', 'API-TOKEN', '--', 'true');
    assert.equal(variable.code, 2);
    assert.match(variable.stderr, /"API-TOKEN" is not the name of a variable/);
    const words = ['--scope', 'read', '--scope', 'write', 'true', '--', '--json'];
    const others = await run(here, 'run', '--variable', 'API-TOKEN', ...words);
    assert.equal(others.stdout, '');
    assert.match(others.stderr, /"API-TOKEN" is not the name of a variable/);
    const withoutDashes = await run(here, 'run', '--variable', 'API-TOKEN', 'npx', '-y', '--frob');
    assert.equal(withoutDashes.stderr, variable.stderr);
    const missing = await run(here, 'run', '--', 'true');
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /--variable <name>/);

    await signIn(here);
    const client = new Client({ name: 'test', version: '1.0.0' });
    await assert.rejects(
      client.connect(
        new StdioClientTransport({
          command: process.execPath,
          args: [cli, 'run', '--variable', 'API_TOKEN', '--', 'no-such-command'],
          env: userEnvironment(here),
          stderr: 'ignore',
        }),
      ),
      /"no-such-command" could not be started.*Check the command/,
    );
  });
});
