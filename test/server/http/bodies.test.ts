import assert from 'node:assert/strict';
import { createHttpApp } from '../../../src/server/http/app.ts';
import { memoryLimit } from '../../../src/server/http/limits/rateLimit.ts';
import { limitAccounts } from '../../../src/server/http/limits/steps.ts';
import { audience, callOf, useHttpApp } from './fixtures.ts';

describe('a body over HTTP', () => {
  const given = useHttpApp();
  const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

  async function send(
    body: string | Buffer,
    headers: Record<string, string | undefined> = {},
    app = given.app,
  ): Promise<Response> {
    const { headers: usual } = callOf('whoami', {}, { token: await given.sign(), era: '2025' });
    for (const [name, value] of Object.entries(headers)) {
      if (value === undefined) usual.delete(name);
      else usual.set(name, value);
    }
    return app.fetch(new Request(audience, { method: 'POST', headers: usual, body }));
  }

  for (const [how, headers] of [
    ['of a length that is said', {}],
    ['of a length that is not said', { 'content-length': undefined }],
  ] as const) {
    it(`${how} is UTF-8, and nothing is put in the place of what is not`, async () => {
      const around = (...bytes: number[]) =>
        Buffer.concat([
          Buffer.from('{"jsonrpc":"2.0","id":"a'),
          Buffer.from(bytes),
          Buffer.from('","method":"ping"}'),
        ]);
      const lengthOf = (body: Buffer) =>
        'content-length' in headers ? headers : { 'content-length': String(body.length) };
      for (const body of [
        around(0xff),
        around(0xc0, 0x80),
        around(0xed, 0xa0, 0x80),
        around(0xe2, 0x82),
        around(0xf5, 0x80, 0x80, 0x80),
        Buffer.from(ping, 'utf16le'),
        Buffer.from(`\ufeff${ping}`, 'utf16le'),
        Buffer.from('{"jsonrpc":"2.0","id":"é","method":"ping"}', 'latin1'),
      ]) {
        const response = await send(body, lengthOf(body));
        assert.equal(response.status, 400, body.toString('hex'));
        const { error } = (await response.json()) as { error: { code: number } };
        assert.equal(error.code, -32_700);
      }
      for (const id of ['é', '🧵', '\ufffd', 'ада']) {
        const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' }));
        const { id: answered } = (await (await send(body, lengthOf(body))).json()) as { id: string };
        assert.equal(answered, id);
      }
    });
  }

  it('has no more values than can be looked at while others wait', async () => {
    const members = (many: number) =>
      Object.fromEntries(Array.from({ length: many }, (_, i) => [`k${String(i)}`, 1]));
    const pingWith = (params: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params });
    for (const body of [
      pingWith(members(12_001)),
      pingWith({ _meta: members(70_000) }),
      pingWith({ _meta: { deep: Array(12_100).fill({ a: { b: 1 } }) } }),
      pingWith({ _meta: { a: Array(400_000).fill(1) } }),
      `[${Array<string>(50)
        .fill(pingWith(members(300)))
        .join(',')}]`,
      `{"jsonrpc":"2.0","id":1,"method":"ping"${',"a":1'.repeat(12_000)}}`,
      `{"a":1${',"a":1'.repeat(100_000)}`,
    ]) {
      const response = await send(body, { 'mcp-protocol-version': '2025-03-26' });
      assert.equal(response.status, 400, body.slice(0, 80));
      const { error } = (await response.json()) as { error: { code: number; message: string } };
      assert.equal(error.code, -32_700);
      assert.match(error.message, /12000 values/);
    }
    for (const body of [
      pingWith(members(11_000)),
      pingWith({ _meta: { a: '"b": 1, {"c": 2}'.repeat(20_000) } }),
      pingWith({ _meta: { a: Array(11_000).fill(1) } }),
    ]) {
      assert.equal((await send(body)).status, 200, body.slice(0, 80));
    }
  });

  it('has several messages only where the revision of its client has batches', async () => {
    const batch = `[${ping},{"jsonrpc":"2.0","method":"notifications/initialized"}]`;
    for (const revision of [undefined, '2025-03-26']) {
      assert.equal((await send(batch, { 'mcp-protocol-version': revision })).status, 200, revision);
    }
    for (const revision of ['2025-06-18', '2025-11-25', '2026-07-28', '2099-01-01', 'x', '2025-03-26, x']) {
      const response = await send(batch, { 'mcp-protocol-version': revision });
      assert.equal(response.status, 400, revision);
      const { error, id } = (await response.json()) as { error: { code: number }; id: unknown };
      assert.deepEqual([error.code, id], [-32_600, null], revision);
    }
  });

  it('counts for an account as often as there are messages in it', async () => {
    const limit = memoryLimit({ points: 10, seconds: 60 });
    const app = createHttpApp({ ...given.options, afterSignIn: [limitAccounts(limit, ({ sub }) => sub)] });
    const batch = (count: number) => send(`[${Array<string>(count).fill(ping).join(',')}]`, ofBatches, app);
    const ofBatches = { 'mcp-protocol-version': '2025-03-26' };
    try {
      assert.equal((await batch(8)).status, 200);
      const refused = await batch(8);
      assert.equal(refused.status, 429);
      assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
      assert.equal((await send(ping, ofBatches, app)).status, 429);
    } finally {
      await app.close();
    }
  });
});
