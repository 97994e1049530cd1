import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { callOf, useHttpApp } from './fixtures.ts';

describe('the tenant’s keys under load', () => {
  const given = useHttpApp();
  const statusOf = async (token: string) => (await given.app.fetch(callOf('whoami', {}, { token }))).status;

  it('may be rotated without a request that fails', async () => {
    const tokens = await Promise.all(
      Array.from({ length: 8 }, (_, i) => given.sign({ sub: `auth0|${String(i)}` })),
    );
    let isOver = false;
    const statuses: number[] = [];
    const load = tokens.map(async (_, i) => {
      while (!isOver) {
        statuses.push(await statusOf(tokens[i] ?? ''));
        await setImmediate();
      }
    });
    for (let rotation = 0; rotation < 2; rotation++) {
      const before = statuses.length;
      while (statuses.length < before + 50) await setImmediate();
      given.tenant.rotateKeys();
      for (const i of tokens.keys()) tokens[i] = await given.sign({ sub: `auth0|${String(i)}` });
    }
    const before = statuses.length;
    while (statuses.length < before + 50) await setImmediate();
    isOver = true;
    await Promise.all(load);
    assert.deepEqual([...new Set(statuses)], [200]);
  });

  it('may be rotated while forged tokens come, which get no more requests out of us', async () => {
    const forge = (i: number) => given.sign({}, { kid: `unknown-${String(i)}` });
    const first = await given.sign();
    assert.equal(await statusOf(first), 200);
    given.tenant.rotateKeys();
    const token = await given.sign();
    const forged = await Promise.all(Array.from({ length: 100 }, (_, i) => forge(i)));
    const [status, ...refused] = await Promise.all([token, ...forged].map(statusOf));
    assert.equal(status, 200);
    assert.deepEqual([...new Set(refused)], [401]);
    assert.ok((given.tenant.counters()['jwks'] ?? 0) <= 2);
  });

  it('are looked for by so many forged tokens at a time that there is a place for others while the tenant is slow', async () => {
    const token = await given.sign();
    assert.equal(await statusOf(token), 200);
    const forged = await Promise.all(
      Array.from({ length: 600 }, (_, i) => given.sign({}, { kid: `unknown-${String(i)}` })),
    );
    given.tenant.setMode('slow', 1_500);
    let answered = 0;
    const refused = forged.map(async wrong => {
      const status = await statusOf(wrong);
      answered++;
      return status;
    });
    const waiting = 256;
    while (answered < forged.length - waiting) await setImmediate();
    assert.equal(answered, forged.length - waiting);
    assert.deepEqual([await statusOf(token), await statusOf(await given.sign({ jti: 'x' }))], [200, 200]);
    const statuses = await Promise.all(refused);
    assert.equal(statuses.filter(status => status === 401).length, waiting);
    assert.equal(statuses.filter(status => status === 503).length, forged.length - waiting);
  });

  it('are each tried for a token that does not say which one it is signed with', async () => {
    const nameless = async () => given.sign({}, { kid: undefined });
    const first = await nameless();
    given.tenant.rotateKeys();
    const second = await nameless();
    assert.deepEqual([await statusOf(first), await statusOf(second)], [200, 200]);
    for (const forged of [first, second].map(token => token.replace(/\.[^.]+$/, `.${'A'.repeat(342)}`))) {
      assert.equal(await statusOf(forged), 401);
    }
    assert.equal(await statusOf(await given.sign({ aud: 'https://other.example' }, { kid: undefined })), 401);
    assert.equal(await statusOf(await given.sign({ exp: 1 }, { kid: undefined })), 401);
  });
});
