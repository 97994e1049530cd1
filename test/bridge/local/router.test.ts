import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import type { Token, TokenRequest } from '../../../src/sessions/tokenSource.ts';
import { createMemoryServer, type MemoryServer } from './memoryServer.ts';

const call = (id: unknown, method = 'tools/call') => JSON.stringify({ jsonrpc: '2.0', id, method });
const result = (id: unknown) => JSON.stringify({ jsonrpc: '2.0', id, result: {} });
const note = (method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', method, params });
const errors = ({ sent }: MemoryServer) =>
  sent.map(line => {
    const { id, error } = JSON.parse(line) as { id: unknown; error?: { code: number; message: string } };
    return [id, error?.code, error?.message];
  });

describe('the router of run, without a process', () => {
  let token: Token;
  let server: MemoryServer;
  beforeEach(() => {
    token = { accessToken: 'first' };
    server = createMemoryServer(() => Promise.resolve(token));
  });

  it('starts the server at its first call, and passes lines on as they came', async () => {
    assert.deepEqual(server.starts, []);
    const odd = '{ "id":1.0e0, "method":"initialize" ,"jsonrpc":"2.0","params":{"n":1e400}}';
    await server.say(odd);
    const answer = '{"result":{"n":9007199254740993}, "jsonrpc":"2.0","id":1}';
    server.answer(answer);
    await settled();
    assert.deepEqual(server.starts, [['first', false]]);
    assert.deepEqual(server.received, [odd]);
    assert.deepEqual(server.sent, [answer]);
  });

  it('starts the server with another token only when no call is under way', async () => {
    await server.say(call(1));
    token = { accessToken: 'second' };
    // The token of the process still counts, so this call may join the first.
    await server.say(call(2));
    assert.deepEqual(server.starts, [['first', true]]);
    server.answer(result(1));
    server.answer(result(2));
    await server.say(call(3));
    assert.deepEqual(server.starts, [
      ['first', true],
      ['second', true],
    ]);
    assert.deepEqual(server.received, [call(3)]);
  });

  it('lets a call wait for those under way where the token of the process has ended', async () => {
    token = { accessToken: 'first', expiresAt: Date.now() - 1 };
    await server.say(call(1));
    token = { accessToken: 'second' };
    const passed = server.say(call(2));
    await settled();
    assert.deepEqual(server.received, [call(1)]);
    server.answer(result(1));
    await passed;
    assert.deepEqual(server.starts, [
      ['first', true],
      ['second', true],
    ]);
    assert.deepEqual(server.received, [call(2)]);
  });

  it('waits for what the server asks the client, too, before it starts the server again', async () => {
    token = { accessToken: 'first', expiresAt: Date.now() - 1 };
    await server.say(call(1));
    server.answer(call('asked', 'sampling/createMessage'));
    server.answer(result(1));
    token = { accessToken: 'second' };
    const passed = server.say(call(2));
    await settled();
    assert.equal(server.starts.length, 1);
    await server.say(result('asked'));
    await passed;
    assert.equal(server.starts.length, 2);
  });

  it('makes open subscriptions again in the next process, and hides their second acknowledgement', async () => {
    const listen = call('s', 'subscriptions/listen');
    const acknowledged = note('notifications/subscriptions/acknowledged', {
      _meta: { 'io.modelcontextprotocol/subscriptionId': 's' },
    });
    await server.say(listen);
    server.answer(acknowledged);
    token = { accessToken: 'second' };
    await server.say(call(1));
    assert.deepEqual(server.received, [listen, call(1)]);
    server.answer(acknowledged);
    await settled();
    assert.deepEqual(server.sent, [acknowledged]);
  });

  it('answers each call once with why there is no token, and goes on with the next', async () => {
    let isRefused = true;
    server = createMemoryServer(() =>
      isRefused ? Promise.reject(new Error('No token.')) : Promise.resolve(token),
    );
    await Promise.all([server.say(call(1)), server.say(call(2))]);
    isRefused = false;
    await server.say(call(3));
    server.answer(result(3));
    await settled();
    assert.deepEqual(errors(server), [
      [1, -32_000, 'No token.'],
      [2, -32_000, 'No token.'],
      [3, undefined, undefined],
    ]);
    assert.deepEqual(server.received, [call(3)]);
  });

  it('never passes a call that was cancelled while it waited for its token', async () => {
    const given = Promise.withResolvers<Token>();
    server = createMemoryServer(() => given.promise);
    const [first, second] = [server.say(call(1)), server.say(call(2))];
    await server.say(note('notifications/cancelled', { requestId: 1 }));
    given.resolve(token);
    await Promise.all([first, second]);
    assert.deepEqual(server.received, [call(2)]);
  });

  it('passes on that a call is cancelled which the server has, and expects no answer to it', async () => {
    await server.say(call(1));
    const cancel = note('notifications/cancelled', { requestId: 1 });
    await server.say(cancel);
    assert.deepEqual(server.received, [call(1), cancel]);
    assert.equal(server.router.isBusy(), false);
  });

  it('answers every open call when the server ends, and says why', async () => {
    await server.say(call(1));
    await server.say(call('s', 'subscriptions/listen'));
    server.end(new Error('It has ended.'));
    await settled();
    assert.deepEqual(errors(server), [
      [1, -32_000, 'It has ended.'],
      ['s', -32_000, 'It has ended.'],
    ]);
    assert.deepEqual(server.ends, ['It has ended.']);
  });

  it('refuses a second call under an id that is open, a request without an id, and what is no JSON', async () => {
    await server.say(call(1));
    await server.say(call(1));
    await server.say(call(null));
    await server.say('{');
    await settled();
    assert.deepEqual(errors(server), [
      [1, -32_600, 'Another call has that id.'],
      [null, -32_600, 'Invalid Request'],
      [null, -32_700, 'Parse error'],
    ]);
  });

  it('makes an error of what no client can read as an answer, and logs nonsense loudly only once', async () => {
    await server.say(call(1));
    await server.say(call(2));
    server.answer('{"jsonrpc":"2.0","id":1,"result":');
    server.answer('{"jsonrpc":"2.0","id":2}');
    server.answer('{"jsonrpc":"2.0"}');
    await settled();
    assert.deepEqual(
      errors(server).map(([id, code]) => [id, code]),
      [
        [1, -32_000],
        [2, -32_000],
      ],
    );
    assert.deepEqual(
      server.logged.map(line => line.split(':')[0]),
      ['warn', 'debug'],
    );
  });

  it('gives an answer under an id of words to the call that it is meant for', async () => {
    await server.say(call(1));
    server.answer('{"jsonrpc":"2.0","id":"1","result":{}}');
    await settled();
    assert.deepEqual(server.sent, ['{"jsonrpc":"2.0","id":1,"result":{}}']);
    assert.equal(server.router.isBusy(), false);
  });

  it('says of a message that is too long which call has no answer, in either direction', async () => {
    await server.say(call(1));
    server.tooLong('{"jsonrpc":"2.0","id":1,"result":{"text":"', '"}}');
    server.answer(call('asked', 'sampling/createMessage'));
    server.router.clientTooLong('{"jsonrpc":"2.0","id":"asked","result":{"text":"', '"}}');
    await settled();
    const [, ...toServer] = server.received;
    assert.match(JSON.stringify(errors(server)[0]), /^\[1,-32000,"A message of more than 256 MB/);
    assert.match(toServer.join(), /"id":"asked","error":.*256 MB/);
    assert.equal(server.router.isBusy(), false);
  });

  describe('by a clock that stands still', () => {
    beforeEach(() => {
      mock.timers.enable({ apis: ['setTimeout', 'Date'] });
      const born = Date.now();
      token = { accessToken: 'first', expiresAt: born + 100_000, lifetime: 100_000 };
    });
    afterEach(() => {
      mock.timers.reset();
    });

    it('starts a used, idle server with its next token before the last one ends', async () => {
      await server.say(call(1));
      server.answer(result(1));
      token = { accessToken: 'second' };
      mock.timers.tick(89_000);
      await settled();
      assert.equal(server.starts.length, 1);
      mock.timers.tick(2_000);
      await settled();
      assert.deepEqual(server.starts.at(-1), ['second', true]);
    });

    it('[E1] asks nobody to sign in because the token of an idle server ends', async () => {
      const requests: TokenRequest[] = [];
      server = createMemoryServer(request => {
        requests.push(request);
        return Promise.resolve(token);
      });
      await server.say(call(1));
      server.answer(result(1));
      mock.timers.tick(91_000);
      await settled();
      assert.deepEqual(
        requests.map(({ silent = false }) => silent),
        [false, true],
      );
    });

    it('leaves a server alone that is in the middle of a call when its token ends', async () => {
      await server.say(call(1));
      token = { accessToken: 'second' };
      mock.timers.tick(95_000);
      await settled();
      assert.equal(server.starts.length, 1);
    });
  });
});
