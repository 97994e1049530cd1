import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { AuthError } from '../../src/auth/errors.ts';
import type { LiveToken } from '../../src/auth/tokenCache.ts';
import type { TokenRequest } from '../../src/auth/tokenSource.ts';
import { brokerTokenSource } from '../../src/broker/client.ts';
import { createBrokerHost, type BrokerHost } from '../../src/broker/host.ts';
import { addressVariable, keyVariable } from '../../src/broker/protocol.ts';
import { memoryLog } from '../auth/fixtures.ts';

type GetToken = (account: string, request: TokenRequest) => Promise<LiveToken>;

const hour = 3_600_000;
const tokenOf = (account: string, more: Partial<LiveToken> = {}): LiveToken => ({
  accessToken: `token of ${account}`,
  expiresAt: Date.now() + hour,
  lifetime: hour,
  account: { label: account },
  ...more,
});

describe('the broker', () => {
  let host: BrokerHost;
  let log: ReturnType<typeof memoryLog>;
  let answer: GetToken;
  let asked: { account: string; request: TokenRequest }[];
  const sources: { dispose(): void }[] = [];
  const children: ChildProcess[] = [];

  beforeEach(() => {
    log = memoryLog();
    asked = [];
    answer = account => Promise.resolve(tokenOf(account));
    host = createBrokerHost({
      getToken(account, request) {
        asked.push({ account, request });
        return answer(account, request);
      },
      log,
    });
  });
  afterEach(async () => {
    for (const source of sources.splice(0)) source.dispose();
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await host.dispose();
  });

  function client(env: Record<string, string>, scopes?: readonly string[]) {
    const source = brokerTokenSource(env, scopes);
    assert.ok(source);
    sources.push(source);
    return source;
  }

  /** Says something to the broker's socket. @returns the answer's status and text; undefined where there is none */
  function say(
    env: Record<string, string>,
    { key = env[keyVariable] ?? '', path = '/token', method = 'POST', headers = {}, body = '' } = {},
  ): Promise<{ status: number | undefined; body: string } | undefined> {
    return new Promise(resolve => {
      const outgoing = httpRequest(
        {
          socketPath: env[addressVariable],
          method,
          path,
          agent: false,
          headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers },
        },
        response => {
          void text(response).then(
            body => {
              resolve({ status: response.statusCode, body });
            },
            () => {
              resolve(undefined);
            },
          );
        },
      );
      outgoing.on('error', () => {
        resolve(undefined);
      });
      outgoing.end(body);
    });
  }
  const ask = (env: Record<string, string>, key?: string) => {
    const body = JSON.stringify({ version: 1 });
    return say(env, { body, headers: { 'content-length': body.length }, ...(key !== undefined && { key }) });
  };

  function start(script: string, env: Record<string, string>, ...args: string[]): ChildProcess {
    const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  }
  async function firstLine(child: ChildProcess): Promise<string> {
    const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
    return chunk.toString().trim();
  }

  describe('who may ask', () => {
    it('tells a stranger nothing: no key, a wrong one, one of another length, at any path', async () => {
      const { env } = await host.grant('ada');
      const wrong = Buffer.alloc(32).toString('base64url');
      for (const key of ['', wrong, 'short', `${env[keyVariable] ?? ''}AAAA`, '\u00e9'.repeat(43)]) {
        for (const [method, path] of [
          ['POST', '/token'],
          ['GET', '/events'],
          ['GET', '/'],
        ]) {
          assert.equal(await say(env, { key: key || ' ', method: method!, path: path! }), undefined);
        }
      }
      assert.deepEqual(asked, []);
    });

    it('gives each server the tokens of its own account only', async () => {
      const [ada, grace] = await Promise.all([host.grant('ada'), host.grant('grace')]);
      assert.equal((await client(ada.env).getToken({})).accessToken, 'token of ada');
      assert.equal((await client(grace.env).getToken({})).accessToken, 'token of grace');
      assert.notEqual(ada.env[keyVariable], grace.env[keyVariable]);
    });

    it('lets only its user at the socket, and leaves nothing behind', async function () {
      if (process.platform === 'win32') this.skip();
      const { env } = await host.grant('ada');
      const address = env[addressVariable] ?? '';
      assert.equal(statSync(dirname(address)).mode & 0o777, 0o700);
      await host.dispose();
      assert.ok(!existsSync(dirname(address)));
    });

    it('takes a key back: at once, and also from a request that waits', async () => {
      const grant = await host.grant('ada');
      const source = client(grant.env);
      const { promise, resolve } = Promise.withResolvers<LiveToken>();
      answer = () => promise;
      const waiting = source.getToken({});
      while (asked.length === 0) await delay(5);
      grant.revoke();
      resolve(tokenOf('ada'));
      await assert.rejects(waiting, { code: 'session_lost' });
      await assert.rejects(source.getToken({}), { code: 'session_lost' });
      assert.equal(await ask(grant.env), undefined);
    });

    it('forgets a key when its server is killed', async () => {
      const { env } = await host.grant('ada');
      const child = start('asker.ts', env, '--stay');
      assert.equal(await firstLine(child), 'ada');
      assert.equal((await ask(env))?.status, 200);
      child.kill('SIGKILL');
      while (await ask(env)) await delay(20);
    });

    it('hands out nothing in a message, a log or an error but the token itself', async () => {
      const { env } = await host.grant('ada');
      answer = () => Promise.reject(new Error('secret inside'));
      await assert.rejects(client(env).getToken({}), (error: Error) => {
        assert.doesNotMatch(error.message, /secret inside/);
        assert.match(error.message, /Omnispindle: Show Log/);
        return true;
      });
      answer = account => Promise.resolve(tokenOf(account));
      await client(env).getToken({});
      const said = log.lines.join('\n');
      assert.ok(!said.includes('token of ada') && !said.includes(env[keyVariable] ?? 'none'));
    });
  });

  describe('a flood', () => {
    it('of requests is bounded for each server, and is over when they are answered', async () => {
      const [flooding, other] = await Promise.all([host.grant('ada'), host.grant('grace')]);
      const { promise, resolve } = Promise.withResolvers<LiveToken>();
      answer = account => (account === 'ada' ? promise : Promise.resolve(tokenOf(account)));
      const flood = Array.from({ length: 80 }, () => ask(flooding.env));
      while (asked.length < 64) await delay(5);
      const refused = client(flooding.env).getToken({});
      await assert.rejects(refused, /Too many calls wait for a token at once. Try again in a moment/);
      assert.equal((await client(other.env).getToken({})).accessToken, 'token of grace');
      resolve(tokenOf('ada'));
      const statuses = (await Promise.all(flood)).map(response => response?.status);
      assert.equal(statuses.filter(status => status === 200).length, 64);
      assert.equal(statuses.filter(status => status === 429).length, 16);
      assert.equal((await client(flooding.env).getToken({})).accessToken, 'token of ada');
    });

    it('of bytes is not read: too long, of no stated length, or longer than stated', async () => {
      const { env } = await host.grant('ada');
      const long = 'x'.repeat(1_000_000);
      assert.equal((await say(env, { body: long, headers: { 'content-length': long.length } }))?.status, 413);
      assert.equal(
        (await say(env, { body: long, headers: { 'transfer-encoding': 'chunked' } }))?.status ?? 413,
        413,
      );
      const lying = await say(env, { body: '{"version":1}', headers: { 'content-length': 5 } });
      assert.equal(lying?.status ?? 400, 400);
      assert.deepEqual(asked, []);
    });

    it('of slow strangers keeps nobody waiting', async () => {
      const { env } = await host.grant('ada');
      const slow = Array.from({ length: 50 }, () => {
        const socket = connect(env[addressVariable] ?? '');
        socket.on('error', () => undefined);
        socket.write('POST /token HTTP/1.1\r\nHost: x\r\nX-Slow: ');
        return socket;
      });
      assert.equal((await client(env).getToken({})).accessToken, 'token of ada');
      for (const socket of slow) socket.destroy();
    });

    it('of nonsense gets an answer that says no more than that', async () => {
      const { env } = await host.grant('ada');
      for (const body of [
        '',
        '{',
        '[]',
        '{"version":2}',
        '{"version":1,"scopes":"all"}',
        '{"version":1,"rejected":7}',
      ]) {
        assert.deepEqual(await say(env, { body, headers: { 'content-length': body.length } }), {
          status: 400,
          body: '',
        });
      }
      assert.equal((await say(env, { path: '/other' }))?.status, 404);
      assert.deepEqual(asked, []);
    });
  });

  describe('a server', () => {
    it('asks once for a hundred calls, and again near the end of the token', async () => {
      const { env } = await host.grant('ada');
      const source = client(env);
      for (let i = 0; i < 100; i++) await source.getToken({});
      assert.equal(asked.length, 1);
      const short = client((await host.grant('grace')).env);
      answer = account => Promise.resolve(tokenOf(account, { expiresAt: Date.now() + 50, lifetime: 1_000 }));
      await short.getToken({});
      await short.getToken({});
      assert.equal(asked.length, 3);
    });

    it('asks again when the editor takes its tokens back', async () => {
      const { env } = await host.grant('ada');
      const source = client(env);
      await source.getToken({});
      host.invalidate();
      while (asked.length < 2) {
        await source.getToken({});
        await delay(5);
      }
    });

    it('passes on what it needs and what was refused', async () => {
      const { env } = await host.grant('ada');
      const source = client(env, ['read:wool']);
      await source.getToken({});
      await source.getToken({ scopes: ['write:wool'], rejected: 'token of ada' });
      assert.deepEqual(
        asked.map(({ request: { scopes, rejected } }) => ({ scopes, rejected })),
        [
          { scopes: ['read:wool'], rejected: undefined },
          { scopes: ['read:wool', 'write:wool'], rejected: 'token of ada' },
        ],
      );
    });

    it('hears what is waited for, and why it got nothing', async () => {
      const { env } = await host.grant('ada');
      answer = (_account, { onProgress }) => {
        onProgress?.('Waiting for you.');
        return Promise.reject(new AuthError('access_denied', 'Nobody signed in.'));
      };
      const heard: string[] = [];
      const onProgress = (message: string) => {
        heard.push(message);
      };
      await assert.rejects(client(env).getToken({ onProgress }), {
        code: 'access_denied',
        message: 'Nobody signed in.',
      });
      assert.deepEqual(heard, ['Waiting for you.']);
    });

    it('stops the editor’s work for a call that is cancelled', async () => {
      const { env } = await host.grant('ada');
      answer = (_account, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            reject(new AuthError('cancelled', 'Cancelled.'));
          });
        });
      const stop = new AbortController();
      const waiting = client(env).getToken({ signal: stop.signal });
      while (asked.length === 0) await delay(5);
      stop.abort();
      await assert.rejects(waiting);
      while (!asked[0]?.request.signal?.aborted) await delay(5);
    });

    it('is not kept alive by the broker', async () => {
      const { env } = await host.grant('ada');
      const child = start('asker.ts', env);
      assert.deepEqual(await once(child, 'exit'), [0, null]);
    });

    it('that outlives its window says so at its next call', async () => {
      const holder = start('holder.ts', {});
      const source = client(JSON.parse(await firstLine(holder)) as Record<string, string>);
      assert.equal((await source.getToken({})).accessToken, 'token of ada');
      holder.kill('SIGKILL');
      await once(holder, 'exit');
      const gone = async () => {
        try {
          await source.getToken({});
          return undefined;
        } catch (error) {
          return error as AuthError;
        }
      };
      let error = await gone();
      while (!error) {
        await delay(5);
        error = await gone();
      }
      assert.equal(error.code, 'session_lost');
      assert.match(error.message, /window that started this server is closed.*Start the server again/);
    });

    it('that no editor started has no broker', () => {
      assert.equal(brokerTokenSource({}), undefined);
      assert.equal(brokerTokenSource({ [addressVariable]: '/nowhere' }), undefined);
    });
  });
});
