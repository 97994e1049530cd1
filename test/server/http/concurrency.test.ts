import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createHttpApp, defaultLimits } from '../../../src/server/http/app.ts';
import { callOf, mcpRequest, resultOf, useHttpApp, type Sent } from './fixtures.ts';

describe('a call over HTTP', () => {
  const given = useHttpApp();

  /** An app whose store answers when it is told to. */
  function waiting(limits: { overall: number; perAccount: number }) {
    const { promise: answered, resolve } = Promise.withResolvers<undefined>();
    const answer = () => {
      resolve(undefined);
    };
    let asked = 0;
    const app = createHttpApp({
      ...given.options,
      limits: { ...defaultLimits, concurrency: limits },
      store: async caller => {
        asked++;
        await answered;
        return given.store.of(caller);
      },
    });
    return { app, answer, asked: () => asked };
  }

  for (const era of ['2025', '2026'] as const) {
    it(`is so much at a time, for each account and in all, in the era of ${era}`, async () => {
      const { app, answer, asked } = waiting({ overall: 3, perAccount: 2 });
      const call = (sent: Sent) => app.fetch(callOf('list_projects', {}, { ...sent, era }));
      const [ada, lin, mia] = [
        await given.sign(),
        await given.sign({ sub: 'auth0|lin' }),
        await given.sign({ sub: 'auth0|mia' }),
      ];
      try {
        const running = [call({ token: ada }), call({ token: ada })];
        while (asked() < 2) await new Promise(setImmediate);
        const third = await call({ token: ada });
        assert.equal(third.status, 429);
        assert.ok(Number(third.headers.get('retry-after')) > 0);
        running.push(call({ token: lin }));
        while (asked() < 3) await new Promise(setImmediate);
        const full = await call({ token: mia });
        assert.equal(full.status, 503);
        assert.ok(Number(full.headers.get('retry-after')) > 0);
        let isIdle = false;
        const idle = app.idle().then(() => {
          isIdle = true;
        });
        await new Promise(setImmediate);
        assert.equal(isIdle, false);
        answer();
        for (const response of running) {
          assert.equal(
            ((await resultOf(await response))['structuredContent'] as { total: number }).total >= 0,
            true,
          );
        }
        await idle;
        assert.equal((await call({ token: ada })).status, 200);
      } finally {
        answer();
        await app.close();
      }
    });
  }

  for (const era of ['2025', '2026'] as const) {
    it(`keeps no place for a call that nobody waits for any more, in the era of ${era}`, async () => {
      const { app, answer, asked } = waiting({ overall: 1, perAccount: 1 });
      try {
        const token = await given.sign();
        const client = new AbortController();
        const call = new Request(callOf('list_projects', {}, { token, era }), { signal: client.signal });
        const left = app.fetch(call);
        while (asked() < 1) await new Promise(setImmediate);
        client.abort();
        await left;
        await app.idle();
        assert.equal((await app.fetch(callOf('whoami', {}, { token }))).status, 200);
      } finally {
        answer();
        await app.close();
      }
    });
  }

  it('counts for its account until its answer has gone out, or its client has gone away', async () => {
    const app = createHttpApp({
      ...given.options,
      limits: { ...defaultLimits, concurrency: { overall: 9, perAccount: 1 } },
    });
    try {
      const [ada, lin] = [await given.sign(), await given.sign({ sub: 'auth0|lin' })];
      for (const era of ['2025', '2026'] as const) {
        const outgoing = Object.assign(new EventEmitter(), { closed: false });
        const call = (token: string, env = {}) => app.fetch(callOf('whoami', {}, { token, era }), env);
        assert.equal((await call(ada, { outgoing })).status, 200);
        assert.equal((await call(ada)).status, 429);
        assert.equal((await call(lin)).status, 200);
        // Only the memory that one account takes is bounded by it: others, and the end, wait for nobody who does not read.
        await app.idle();
        outgoing.emit('close');
        assert.equal((await call(ada)).status, 200);
        const gone = Object.assign(new EventEmitter(), { closed: true });
        assert.equal((await call(ada, { outgoing: gone })).status, 200);
        assert.equal((await call(ada)).status, 200);
      }
    } finally {
      await app.close();
    }
  });

  it('has room for streams of news beside the calls, so many for each account', async () => {
    const app = createHttpApp({
      ...given.options,
      limits: { ...defaultLimits, concurrency: { overall: 2, perAccount: 2 } },
    });
    try {
      const token = await given.sign();
      const listen = () =>
        app.fetch(
          mcpRequest('subscriptions/listen', { notifications: { toolsListChanged: true } }, { token }),
        );
      const streams: Response[] = [];
      for (let i = 0; i < 16; i++) streams.push(await listen());
      for (const { status, headers } of streams) {
        assert.equal(status, 200);
        assert.match(headers.get('content-type') ?? '', /^text\/event-stream/);
      }
      assert.equal((await listen()).status, 429);
      assert.equal((await app.fetch(callOf('whoami', {}, { token }))).status, 200);
      await app.idle();
      await streams[0]?.body?.cancel();
      assert.equal((await listen()).status, 200);
    } finally {
      await app.close();
    }
  });
});
