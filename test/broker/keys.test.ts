import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { loopbackFlow } from '../../src/auth/flows/loopback.ts';
import { AuthError } from '../../src/auth/authError.ts';
import type { TokenRequest } from '../../src/sessions/tokenSource.ts';
import type { BrokerHost } from '../../src/broker/host.ts';
import { keyVariable } from '../../src/broker/variables.ts';
import { temporaryDirectory, testAuthenticator } from '../auth/fixtures.ts';
import { callbackPort } from '../tenant/callbackPort.ts';
import { startTenant } from '../tenant/tenant.ts';
import { dial, exchange, openWindow, post, question, token, useServers, type Env } from './fixtures.ts';

const bank = 'https://bank.example/api';
const notes = 'https://notes.example/';

describe('who can ask the broker: a key', () => {
  let window: BrokerHost;
  const start = useServers();

  afterEach(() => window.dispose());

  /** Whoever now has the key is a stranger. */
  async function isDead(env: Env): Promise<void> {
    const said = `GET /events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${env[keyVariable]!}\r\n\r\n`;
    assert.equal(await exchange(env, said), '');
    await assert.rejects(post(env, question()), { code: 'ECONNRESET' });
  }

  it('gets the tokens of the account it was made for, and of no other', async () => {
    const tenant = await startTenant();
    const directory = temporaryDirectory();
    const ada = testAuthenticator(tenant, directory.path);
    const grace = testAuthenticator(tenant, directory.path, {
      person: 'google',
      flows: [loopbackFlow({ port: callbackPort })],
    });
    const sessions = [await ada.authenticator.signIn(), await grace.authenticator.signIn()];
    window = openWindow((account, request) => ada.authenticator.ensure({ account, ...request }));
    const answers = await Promise.all(
      sessions.map(async ({ account }) => start((await window.grant(account.id)).env).ask()),
    );
    assert.deepEqual(
      answers.map(answer => 'token' in answer && [answer.token, answer.label]),
      sessions.map(({ accessToken, account }) => [accessToken, account.label]),
    );
    assert.notEqual(sessions[0]?.accessToken, sessions[1]?.accessToken);
    directory.remove();
    await tenant.close();
  });

  it('cannot name another account: what it adds to its question counts for nothing', async () => {
    const accounts: string[] = [];
    window = openWindow((account, request) => {
      accounts.push(account);
      assert.deepEqual(Object.keys(request).sort(), ['onProgress', 'signal']);
      return Promise.resolve(token('of ada'));
    });
    const { env } = await window.grant('ada');
    await post(env, question({ account: 'grace', hints: { loginHint: 'grace' } }), {
      headers: { 'x-account': 'grace' },
    });
    assert.deepEqual(accounts, ['ada']);
  });

  it('dies with its server, even one that is killed; the keys of others live on', async () => {
    window = openWindow(account => Promise.resolve(token(`of ${account}`)));
    const { env } = await window.grant('ada');
    const other = await window.grant('ada');
    const server = start(env);
    const survivor = start(other.env);
    await Promise.all([server.ask(), survivor.ask()]);
    assert.equal((await post(env, question())).status, 200);
    await server.kill();
    while (await post(env, question()).catch(() => undefined)) await delay(5);
    await isDead(env);
    assert.deepEqual(await survivor.ask({ rejected: 'of ada' }), { id: 2, token: 'of ada' });
  });

  it('dies when it is revoked; its server is told so plainly', async () => {
    window = openWindow(() => Promise.resolve(token('good')));
    const grant = await window.grant('ada');
    const server = start(grant.env);
    await server.ask();
    let ended = false;
    const end = grant.revoke().then(() => {
      ended = true;
    });
    await isDead(grant.env);
    const answer = await server.ask({ rejected: 'good' });
    assert.ok('code' in answer);
    assert.equal(answer.code, 'session_lost');
    assert.equal(ended, false);
    await server.kill();
    await end;
  });

  describe('whose server wants a stronger sign-in', () => {
    const wish = { rejected: 'weak', hints: { acrValues: 'mfa', maxAge: 60 } };
    const codeOf = (answer: object) => ('code' in answer ? answer.code : undefined);

    function openAsking(): TokenRequest[] {
      const requests: TokenRequest[] = [];
      window = openWindow((_account, request) => {
        requests.push(request);
        return Promise.resolve(token(request.hints ? 'strong' : 'weak'));
      });
      return requests;
    }

    it('gets the token of one after the person agreed, who is asked once for all its calls', async () => {
      const requests = openAsking();
      const questions: object[] = [];
      const { env } = await window.grant('ada', {
        askForStepUp: async stepUp => {
          questions.push(stepUp);
          await delay(20);
          return true;
        },
      });
      const server = start(env);
      const answers = await Promise.all([server.ask(wish), server.ask(wish), server.ask(wish)]);
      answers.push(await server.ask(wish));
      assert.deepEqual(
        answers.map(answer => 'token' in answer && answer.token),
        ['strong', 'strong', 'strong', 'strong'],
      );
      assert.deepEqual(questions, [wish.hints]);
      assert.deepEqual(
        requests.map(({ hints }) => hints),
        requests.map(() => wish.hints),
      );
    });

    it('gets none, and asks nobody a second time, for the token after that', async () => {
      openAsking();
      let questions = 0;
      const { env } = await window.grant('ada', {
        askForStepUp: () => {
          questions++;
          return Promise.resolve(true);
        },
      });
      const server = start(env);
      await server.ask(wish);
      assert.equal(codeOf(await server.ask({ ...wish, rejected: 'strong' })), 'access_denied');
      assert.equal(questions, 1);
    });

    it('gets none where the person does not agree, or cannot be asked', async () => {
      const requests = openAsking();
      const refused = await window.grant('ada', { askForStepUp: () => Promise.resolve(false) });
      const unasked = await window.grant('ada');
      for (const { env } of [refused, unasked]) {
        assert.equal(codeOf(await start(env).ask(wish)), 'access_denied');
      }
      assert.deepEqual(requests, []);
    });
  });

  it('that no server ever used is revoked at once', async () => {
    window = openWindow(() => Promise.resolve(token('good')));
    const grant = await window.grant('ada');
    await grant.revoke();
    await isDead(grant.env);
  });

  it('that is revoked while its server waits for a token gets none, at once', async () => {
    const found = Promise.withResolvers<ReturnType<typeof token>>();
    const waiting = Promise.withResolvers<TokenRequest>();
    window = openWindow((_account, request) => {
      waiting.resolve(request);
      return found.promise;
    });
    const grant = await window.grant('ada');
    const answer = start(grant.env).ask();
    const { signal } = await waiting.promise;
    void grant.revoke();
    const told = await answer;
    assert.ok('code' in told);
    assert.equal(told.code, 'session_lost');
    if (!signal?.aborted) await once(signal!, 'abort');
    found.resolve(token('too late'));
    await isDead(grant.env);
  });

  it('that is revoked is not told the token that was found in the same moment', async () => {
    const grant = Promise.withResolvers<{ revoke(): Promise<void> }>();
    window = openWindow(async () => {
      void (await grant.promise).revoke();
      return token('too late');
    });
    const made = await window.grant('ada');
    grant.resolve(made);
    const heard = await exchange(
      made.env,
      [
        'POST /token HTTP/1.1',
        `authorization: Bearer ${made.env[keyVariable]!}`,
        `content-length: ${String(question().length)}`,
        '',
        question(),
      ].join('\r\n'),
    );
    assert.doesNotMatch(heard, /too late/);
  });

  it('that ended with its server leaves no question open', async () => {
    const requests: TokenRequest[] = [];
    window = openWindow((_account, request) => {
      requests.push(request);
      return new Promise(() => undefined);
    });
    const { env } = await window.grant('ada');
    const say = (line: string, body: string) => {
      const socket = dial(env);
      const length = String(question().length);
      socket.write(
        `${line} HTTP/1.1\r\nauthorization: Bearer ${env[keyVariable]!}\r\ncontent-length: ${length}\r\n\r\n${body}`,
      );
      return socket;
    };
    const unfinished = say('POST /token', question().slice(0, -1));
    const waiting = say('POST /token', question());
    const server = say('GET /events', question());
    await once(server, 'data');
    while (requests.length < 1) await delay(5);
    // Not by `once` of events, which takes an error for the end: the last byte may find nobody there.
    const closed = [waiting, unfinished].map(socket => new Promise(resolve => socket.once('close', resolve)));
    server.destroy();
    await once(requests[0]!.signal!, 'abort');
    unfinished.write(question().slice(-1));
    await Promise.all(closed);
    assert.equal(requests.length, 1);
  });

  it('passes its scopes and its refused token on, and no more than that', async () => {
    const requests: TokenRequest[] = [];
    window = openWindow((_account, request) => {
      requests.push(request);
      return Promise.resolve(token('good'));
    });
    const server = start((await window.grant('ada', { scopes: ['todos:write'] })).env);
    await server.ask();
    await server.ask({ rejected: 'good', scopes: ['todos:write'] });
    assert.deepEqual(
      requests.map(({ rejected, scopes }) => ({ rejected, scopes })),
      [
        { rejected: undefined, scopes: undefined },
        { rejected: 'good', scopes: ['todos:write'] },
      ],
    );
  });

  for (const [configured, asked] of [
    [undefined, notes],
    [bank, notes],
    [bank, bank.toUpperCase()],
    [bank, `${bank}\u001B[2J`],
  ] as const) {
    it(`is good for one API, and no other: ${JSON.stringify([configured, asked])}`, async () => {
      const requests: TokenRequest[] = [];
      window = openWindow((_account, request) => {
        requests.push(request);
        return Promise.resolve(token('good'));
      });
      const server = start((await window.grant('ada', { audience: configured })).env);
      const answer = await server.ask({ audience: asked });
      assert.ok('code' in answer);
      assert.equal(answer.code, 'access_denied');
      assert.match(answer.message, /"audience".*omnispindle\.servers/);
      assert.doesNotMatch(answer.message, /[\p{Cc}\p{Cf}]/u);
      assert.deepEqual(requests, [], 'the person is not asked, and no token is fetched');
      assert.ok('token' in (await server.ask()));
      assert.deepEqual(
        requests.map(({ audience }) => audience),
        [configured],
      );
    });
  }

  it('gives a server that names its own API a token for it', async () => {
    const requests: TokenRequest[] = [];
    window = openWindow((_account, request) => {
      requests.push(request);
      return Promise.resolve(token('good'));
    });
    const server = start((await window.grant('ada', { audience: bank })).env);
    assert.ok('token' in (await server.ask({ audience: bank })));
    assert.deepEqual(
      requests.map(({ audience }) => audience),
      [bank],
    );
  });

  for (const [configured, asked] of [
    [[], ['todos:write']],
    [['todos:read'], ['todos:write']],
    [['todos:read'], ['todos:read', 'todos:write']],
    [['todos:read', 'todos:write'], ['todos:admin']],
    [['todos:read'], ['todos:read todos:write']],
    [['todos:read'], ['TODOS:READ']],
    [['todos:read'], ['\u001B[2Jtodos:write']],
  ] as const) {
    it(`[T5] is good for the scopes its server was given, and no other: ${JSON.stringify([configured, asked])}`, async () => {
      const requests: TokenRequest[] = [];
      window = openWindow((_account, request) => {
        requests.push(request);
        return Promise.resolve(token('good'));
      });
      const server = start((await window.grant('ada', { scopes: configured })).env);
      const answer = await server.ask({ scopes: [...asked] });
      assert.ok('code' in answer);
      assert.equal(answer.code, 'access_denied');
      assert.deepEqual(requests, [], 'the person is not asked, and no token is fetched');
      assert.ok('token' in (await server.ask({ scopes: [...configured] })));
      assert.ok('token' in (await server.ask({ scopes: ['openid', 'email'] })));
    });
  }

  it('asks the person for scopes that its server lacks where it may, and the call completes with those alone', async () => {
    const requests: TokenRequest[] = [];
    const questions: (readonly string[])[] = [];
    window = openWindow((_account, request) => {
      requests.push(request);
      return Promise.resolve(token('good'));
    });
    const grant = await window.grant('ada', {
      audience: notes,
      scopes: ['notes:read'],
      askForScopes(scopes) {
        questions.push(scopes);
        return Promise.resolve(scopes.includes('notes:write'));
      },
    });
    const server = start(grant.env);
    const refused = await server.ask({ scopes: ['notes:delete'] });
    assert.ok('code' in refused);
    assert.equal(refused.code, 'access_denied');
    assert.deepEqual(requests, []);
    assert.ok('token' in (await server.ask({ scopes: ['notes:read', 'notes:write'] })));
    assert.ok('token' in (await server.ask({ scopes: ['notes:write'], rejected: 'good' })));
    assert.deepEqual(
      questions,
      [['notes:delete'], ['notes:write']],
      'a scope that was allowed is not asked for again',
    );
    assert.deepEqual(
      requests.map(({ audience, scopes }) => [audience, scopes]),
      [
        [notes, ['notes:read', 'notes:write']],
        [notes, ['notes:write']],
      ],
    );
  });

  it('asks nobody for another API, nor for what is no scope or too much of it', async () => {
    window = openWindow(() => Promise.resolve(token('good')));
    const grant = await window.grant('ada', {
      audience: notes,
      askForScopes: () => assert.fail('It asked.'),
    });
    const server = start(grant.env);
    for (const wanted of [
      { audience: bank, scopes: ['notes:write'] },
      { scopes: ['notes:write\u001B[2J'] },
      { scopes: ['x'.repeat(129)] },
      { scopes: Array.from({ length: 21 }, (_, index) => `scope:${String(index)}`) },
    ]) {
      const answer = await server.ask(wanted);
      assert.ok('code' in answer);
      assert.equal(answer.code, 'access_denied');
    }
  });

  it('[T5] says which scope it is not good for, and where to allow it, without control characters', async () => {
    window = openWindow(() => Promise.resolve(token('good')));
    const { env } = await window.grant('ada', { scopes: ['todos:read'] });
    const { body } = await post(env, question({ scopes: ['todos:write\u001B[2J\u202E'] }));
    const { message } = JSON.parse(body) as { message: string };
    assert.match(message, /todos:write.*omnispindle\.servers/);
    assert.doesNotMatch(message, /[\p{Cc}\p{Cf}]/u);
  });

  it('is told what went wrong by code and message, and nothing of the inside of a failure', async () => {
    const failures = [
      new AuthError('tenant_unreachable', 'The tenant sleeps.', { cause: new Error('inner secret') }),
      new TypeError('inner secret at /home/ada'),
    ];
    const own = openWindow(() => Promise.reject(failures.shift()!));
    window = own;
    const { env } = await window.grant('ada');
    const known = await post(env, question());
    assert.deepEqual(JSON.parse(known.body), {
      type: 'error',
      code: 'tenant_unreachable',
      message: 'The tenant sleeps.',
    });
    const unknown = await post(env, question());
    assert.doesNotMatch(unknown.body, /inner|TypeError|home/);
    assert.match(unknown.body, /"server_error".*Show Log/);
    assert.match(own.log.lines.join('\n'), /inner secret at/);
  });

  const thrown: Record<string, unknown> = {
    'a text': 'inner secret',
    'an object without a prototype': Object.assign(Object.create(null) as object, { token: 'inner secret' }),
    nothing: undefined,
  };
  for (const [name, value] of Object.entries(thrown)) {
    it(`is told of a failure that is ${name} instead of an error; the log says no more than that`, async () => {
      const own = openWindow(() => {
        throw value;
      });
      window = own;
      const { env } = await window.grant('ada');
      assert.match((await post(env, question())).body, /"server_error".*Show Log/);
      assert.match(own.log.lines.join('\n'), /^The broker failed: /);
      assert.doesNotMatch(own.log.lines.join('\n'), /inner/);
    });
  }

  it('hears no progress after its answer, however slowly it reads that; the window goes on', async () => {
    const asked = Promise.withResolvers<TokenRequest>();
    window = openWindow((_account, request) => {
      asked.resolve(request);
      return Promise.resolve(token('x'.repeat(1 << 24)));
    });
    const { env } = await window.grant('ada');
    const socket = dial(env);
    socket.write(
      `POST /token HTTP/1.1\r\nauthorization: Bearer ${env[keyVariable]!}\r\ncontent-length: ${String(question().length)}\r\n\r\n${question()}`,
    );
    await once(socket, 'readable');
    // An error nobody handles would fail this test by itself.
    (await asked.promise).onProgress?.({ type: 'message', message: 'too late' });
    const heard = await text(socket);
    assert.ok(heard.includes('"type":"token"') && !heard.includes('too late'));
  });
});
