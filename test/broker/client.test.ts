import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { mock } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { AuthError } from '../../src/auth/authError.ts';
import { isOmnispindleError } from '../../src/common/errors.ts';
import type { LiveToken } from '../../src/sessions/tokenCache.ts';
import type { TokenRequest } from '../../src/sessions/tokenSource.ts';
import { createBrokerTokenSource } from '../../src/broker/client.ts';
import type { BrokerGrant, BrokerHost } from '../../src/broker/host.ts';
import { addressVariable, keyVariable } from '../../src/broker/variables.ts';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { openWindow, spawnWindow, token, useServers, type Env } from './fixtures.ts';

describe('a server that asks the broker', () => {
  let window: BrokerHost;
  let grant: BrokerGrant;
  let getToken: (account: string, request: TokenRequest) => Promise<LiveToken>;
  let requests: TokenRequest[];
  const start = useServers();

  beforeEach(async () => {
    requests = [];
    getToken = () => Promise.resolve(token(`token ${String(requests.length)}`));
    window = openWindow((account, request) => {
      requests.push(request);
      return getToken(account, request);
    });
    grant = await window.grant('ada');
  });
  afterEach(() => window.dispose());

  const lost = (answer: object) => {
    assert.ok('code' in answer && 'message' in answer, JSON.stringify(answer));
    assert.equal(answer.code, 'session_lost');
    assert.match(
      String(answer.message),
      /window that started this server is closed.*start the server from the editor/,
    );
  };

  it('gets nothing where the environment names no broker', () => {
    assert.equal(createBrokerTokenSource({}), undefined);
    assert.equal(createBrokerTokenSource({ [addressVariable]: 'somewhere' }), undefined);
  });

  it('gets one token for 100 calls, and asks once', async () => {
    const server = start(grant.env);
    for (let call = 0; call < 100; call++) {
      assert.deepEqual(await server.ask(), { id: call + 1, token: 'token 1' });
    }
    assert.equal(requests.length, 1);
  });

  it('gets another token when the first is near its end', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    try {
      getToken = () =>
        Promise.resolve({ ...token(`token ${String(requests.length)}`), expiresAt: Date.now() + 59_000 });
      const client = createBrokerTokenSource(grant.env)!;
      assert.equal((await client.getToken({})).accessToken, 'token 1');
      getToken = () => Promise.resolve({ ...token('long'), expiresAt: Date.now() + 61_000 });
      assert.equal((await client.getToken({})).accessToken, 'long');
      assert.equal((await client.getToken({})).accessToken, 'long');
      assert.equal(requests.length, 2);
      client.dispose();
    } finally {
      mock.timers.reset();
    }
  });

  it('gets another token after the window took the first one back', async () => {
    const [server, other] = [start(grant.env), start((await window.grant('ada')).env)];
    const both = () => Promise.all([server.ask(), other.ask()]);
    await both();
    window.invalidate();
    while (requests.length < 4) await both();
    await both();
    assert.equal(requests.length, 4);
  });

  it('does not use a token that was taken back while it was on its way', async () => {
    const first = Promise.withResolvers<LiveToken>();
    getToken = () => first.promise;
    const client = createBrokerTokenSource(grant.env)!;
    const asked = client.getToken({});
    while (requests.length < 1) await delay(5);
    window.invalidate();
    // The news and the token go over connections of their own; after a turn of this process the news are heard.
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    first.resolve(token('of a session that ended'));
    await asked;
    getToken = () => Promise.resolve(token('of the next session'));
    assert.equal((await client.getToken({})).accessToken, 'of the next session');
    client.dispose();
  });

  it('hears the progress of a sign-in while it waits, then gets its token', async () => {
    getToken = (_account, { onProgress }) => {
      onProgress?.({ type: 'message', message: 'Waiting for you.' });
      onProgress?.({ type: 'message', message: 'Öffnen Sie 🗝\nhttps://example.com' });
      return Promise.resolve({ ...token('good'), account: { label: 'Ada' } });
    };
    const progress: string[] = [];
    const answer = await start(grant.env).ask({}, progress);
    assert.deepEqual(answer, { id: 1, token: 'good', label: 'Ada' });
    assert.deepEqual(progress, ['Waiting for you.', 'Öffnen Sie 🗝\nhttps://example.com']);
  });

  it('gets the code and the message of an error, and a token at the next try', async () => {
    getToken = () => Promise.reject(new AuthError('access_denied', 'Refused in the browser. Try again.'));
    const server = start(grant.env);
    assert.deepEqual(await server.ask(), {
      id: 1,
      code: 'access_denied',
      message: 'AuthError: Refused in the browser. Try again.',
    });
    getToken = () => Promise.resolve(token('good'));
    assert.deepEqual(await server.ask(), { id: 2, token: 'good' });
  });

  it('withdraws its question when its caller gives up; the next call asks again', async () => {
    const waiting = Promise.withResolvers<TokenRequest>();
    const found = Promise.withResolvers<LiveToken>();
    getToken = (_account, request) => {
      waiting.resolve(request);
      return found.promise;
    };
    const server = start(grant.env);
    const asked = server.ask();
    const { signal, onProgress } = await waiting.promise;
    asked.cancel();
    assert.ok('code' in (await asked));
    if (!signal?.aborted) await once(signal!, 'abort');
    // What comes too late goes nowhere, and harms nobody.
    onProgress?.({ type: 'message', message: 'too late' });
    found.resolve(token('too late'));
    getToken = () => Promise.resolve(token('good'));
    assert.deepEqual(await server.ask(), { id: 2, token: 'good' });
  });

  it('lets its caller stop waiting at once, even where the window does not answer at all', async () => {
    const directory = temporaryDirectory();
    const busy = createServer(() => undefined);
    const env = { [addressVariable]: join(directory.path, 'socket'), [keyVariable]: 'key' };
    busy.listen(env[addressVariable]);
    await once(busy, 'listening');
    const client = createBrokerTokenSource(env)!;
    const stop = new AbortController();
    const asked = client.getToken({ signal: stop.signal });
    await once(busy, 'request');
    stop.abort();
    await assert.rejects(asked, { name: 'AbortError' });
    client.dispose();
    busy.closeAllConnections();
    busy.close();
    directory.remove();
  });

  it('says plainly at the next call that the window was closed, and again at the one after', async () => {
    const server = start(grant.env);
    await server.ask();
    await window.dispose();
    let answer = await server.ask();
    // What it holds is let go as soon as it hears of the end.
    while ('token' in answer) answer = await server.ask();
    lost(answer);
    lost(await server.ask());
  });

  it('says plainly that the window was killed, also during a question', async () => {
    const { env, process: killed } = await spawnWindow();
    const server = start(env);
    assert.deepEqual(await server.ask(), { id: 1, token: 'first' });
    const progress: string[] = [];
    const waiting = server.ask({ rejected: 'first' }, progress);
    while (progress.length === 0) await delay(5);
    killed.kill('SIGKILL');
    lost(await waiting);
    let answer = await server.ask();
    while ('token' in answer) answer = await server.ask();
    lost(answer);
    rmSync(dirname(env[addressVariable]!), { recursive: true });
  });

  it('says plainly that the window was gone before the first call', async () => {
    await window.dispose();
    lost(await start(grant.env).ask());
  });

  it('renews for as long as it runs, and no question leaves a connection behind', async () => {
    const client = createBrokerTokenSource(grant.env)!;
    for (let renewal = 1; renewal <= 600; renewal++) {
      const { accessToken } = await client.getToken({ rejected: `token ${String(renewal - 1)}` });
      assert.equal(accessToken, `token ${String(renewal)}`);
    }
    client.dispose();
  });

  it('ends when its work is done: the client keeps no process alive', async () => {
    const server = start(grant.env);
    await server.ask();
    server.letGo();
    assert.deepEqual(await server.exited, [0, null]);
  });

  describe('of another version', () => {
    let other: Server;
    let env: Env;
    let directory: ReturnType<typeof temporaryDirectory>;
    let reply: { status: number; body: string };

    beforeEach(async () => {
      directory = temporaryDirectory();
      other = createServer(({ url }, response) => {
        if (url === '/events') response.writeHead(200).flushHeaders();
        else response.writeHead(reply.status).end(reply.body);
      });
      env = { [addressVariable]: join(directory.path, 'socket'), [keyVariable]: 'key' };
      other.listen(env[addressVariable]);
      await once(other, 'listening');
    });
    afterEach(() => {
      other.closeAllConnections();
      other.close();
      directory.remove();
    });

    const replies: Record<string, { status: number; body: string }> = {
      'refuses the version': { status: 400, body: '' },
      'replies with another kind of line': {
        status: 200,
        body: '{"type":"riddle","accessToken":"secret"}\n',
      },
      'replies with an incomplete token': { status: 200, body: '{"type":"token","accessToken":"secret"}\n' },
      'replies with no JSON': { status: 200, body: 'secret token\n' },
    };
    for (const [name, given] of Object.entries(replies)) {
      it(`is told to reload where the window ${name}, and uses nothing of its reply`, async () => {
        reply = given;
        const client = createBrokerTokenSource(env)!;
        await assert.rejects(
          client.getToken({}),
          error =>
            isOmnispindleError(error, 'server_error') &&
            error.message.includes('Reload the window') &&
            !`${error.message}${String(error.cause)}`.includes('secret'),
        );
        client.dispose();
      });
    }

    it('advice to reload, and no token, where the window knows no audience but the tenant’s', async () => {
      const lived = '{"type":"token","accessToken":"secret","expiresAt":9e12,"lifetime":3600000}';
      reply = { status: 200, body: `${lived}\n` };
      const client = createBrokerTokenSource(env)!;
      assert.equal((await client.getToken({})).accessToken, 'secret');
      await assert.rejects(
        client.getToken({ audience: 'https://bank.example/api' }),
        error =>
          isOmnispindleError(error, 'server_error') &&
          error.message.includes('Reload the window') &&
          !error.message.includes('secret'),
      );
      client.dispose();
    });
  });
});
