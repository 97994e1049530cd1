import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { openWindow, token } from '../broker/fixtures.ts';
import { cli, run, userEnvironment, visits } from '../terminal/fixtures.ts';
import { useUser } from '../tenant/useTenant.ts';

const environmentServer = join(import.meta.dirname, 'environmentServer.mjs');

interface State {
  readonly pid: number;
  readonly sub: string;
  readonly good: boolean;
  readonly level: string;
  readonly ours: string[];
}

describe('omnispindle run', () => {
  const clients: Client[] = [];
  const given = useUser(async () => {
    await Promise.all(clients.splice(0).map(client => client.close()));
  });

  async function start(env: Record<string, string> = {}): Promise<Client> {
    const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities: { roots: {} } });
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///wool' }] }));
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [cli, 'run', '--variable', 'API_TOKEN', '--', process.execPath, environmentServer],
        env: userEnvironment({ tenant: given.tenant, directory: given.directory, env }),
        stderr: 'ignore',
      }),
    );
    clients.push(client);
    return client;
  }
  async function state(client: Client, name = 'state', input: Record<string, unknown> = {}): Promise<State> {
    const { content } = await client.callTool({ name, arguments: input });
    return JSON.parse((content as { text: string }[])[0]?.text ?? '') as State;
  }
  const renewals = () => given.tenant.counters()['token:refresh_token'] ?? 0;

  it('signs in and gives the server its token in the variable', async () => {
    const client = await start();
    assert.equal(visits(given.directory).length, 1);
    const { sub, good } = await state(client);
    assert.equal(sub, 'auth0|ada');
    assert.ok(good);
  });

  it('gives the server the token that the broker gave, and no way to ask the broker itself', async () => {
    const claims = Buffer.from(JSON.stringify({ sub: 'of the broker', exp: 4_000_000_000 }));
    const window = openWindow(() => Promise.resolve(token(`e30.${claims.toString('base64url')}.`)));
    const { env } = await window.grant('ada');
    const { sub, ours } = await state(await start(env));
    assert.equal(sub, 'of the broker');
    assert.deepEqual(ours, []);
    assert.equal(visits(given.directory).length, 0);
    await window.dispose();
  });

  it('gives it the next token before that one ends, while it is used, and no call fails', async () => {
    given.tenant.setTokenLifetime(6);
    const client = await start();
    await client.setLoggingLevel('warning');
    const pids = new Set<number>();
    while (renewals() < 2) {
      const { good, pid, level } = await state(client);
      assert.ok(good);
      assert.equal(level, 'warning');
      pids.add(pid);
      await delay(200);
    }
    assert.ok(pids.size >= 2, `${String(pids.size)} processes`);
    assert.equal(visits(given.directory).length, 1);
  });

  it('is started anew with its next token once it has been used, although no call comes', async () => {
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

  it('renews nothing while it is idle, and is good at the next call', async () => {
    given.tenant.setTokenLifetime(2);
    const client = await start();
    await state(client);
    await delay(7_000);
    assert.ok(renewals() <= 1, `${String(renewals())} renewals`);
    assert.ok((await state(client)).good);
  });

  it('lets a call under way end first; a call that comes meanwhile waits and completes', async () => {
    given.tenant.setTokenLifetime(5);
    const client = await start();
    const before = await state(client);
    const long = state(client, 'work', { ms: 7_000 });
    await delay(5_500);
    const short = state(client);
    assert.equal((await long).pid, before.pid);
    const after = await short;
    assert.notEqual(after.pid, before.pid);
    assert.ok(after.good);
  });

  it('forgets a call that was cancelled while it waited, and does not wait for one', async () => {
    given.tenant.setTokenLifetime(5);
    const client = await start();
    await state(client);
    const stop = new AbortController();
    const long = client.callTool({ name: 'work', arguments: { ms: 50_000 } }, undefined, {
      signal: stop.signal,
    });
    await delay(5_500);
    const waiting = new AbortController();
    const short = client.callTool({ name: 'state' }, undefined, { signal: waiting.signal });
    await delay(200);
    waiting.abort();
    await assert.rejects(short);
    const next = state(client);
    await delay(200);
    stop.abort();
    await assert.rejects(long);
    assert.ok((await next).good);
  });

  it('never passes a call that was cancelled before its turn', async () => {
    given.tenant.setTokenLifetime(2);
    const client = await start();
    // While this one is under way the server keeps its token, and with an ended one no other begins.
    const hold = new AbortController();
    const long = client.callTool({ name: 'work', arguments: { ms: 50_000 } }, undefined, {
      signal: hold.signal,
    });
    await delay(4_000);
    given.tenant.setTokenLifetime(3_600);
    const stop = new AbortController();
    const first = state(client);
    const second = client.callTool({ name: 'end' }, undefined, { signal: stop.signal });
    await delay(200);
    stop.abort();
    await assert.rejects(second);
    await delay(200);
    hold.abort();
    await assert.rejects(long);
    assert.ok((await first).good);
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
