import assert from 'node:assert/strict';
import { createHttpApp, defaultLimits, type HttpServerApp } from '../../../src/server/http/app.ts';
import { audience, callOf, mcpRequest, resultOf, useHttpApp } from './fixtures.ts';

describe('what a server over HTTP takes', () => {
  const given = useHttpApp();

  interface Differing {
    readonly method?: string;
    readonly body?: string | Uint8Array<ArrayBuffer>;
    readonly headers?: Record<string, string>;
  }
  async function send({ method = 'POST', body, headers }: Differing, app = given.app): Promise<Response> {
    const { headers: usual } = callOf('whoami', {}, { token: await given.sign(), era: '2025' });
    for (const [name, value] of Object.entries(headers ?? {})) usual.set(name, value);
    return app.fetch(new Request(audience, { method, headers: usual, ...(body !== undefined && { body }) }));
  }
  async function refused(
    differing: Differing,
    status: number,
    code: number,
    app?: HttpServerApp,
  ): Promise<void> {
    const response = await send(differing, app);
    const text = await response.text();
    assert.equal(response.status, status, text);
    const { error, id } = JSON.parse(text) as { error: { code: number; message: string }; id: unknown };
    assert.equal(error.code, code, text);
    assert.equal(id, null);
    assert.ok(error.message.length > 10);
  }
  const nested = (depth: number) =>
    `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}}`;
  const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

  it('is JSON, said to be so, and not packed', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      '',
    ]) {
      await refused({ body: ping, headers: { 'content-type': type } }, 415, -32_000);
    }
    for (const encoding of ['gzip', 'br', 'deflate', 'zstd', 'identity, gzip']) {
      await refused({ body: ping, headers: { 'content-encoding': encoding } }, 415, -32_000);
    }
    for (const type of ['application/json', 'Application/JSON; charset=utf-8']) {
      assert.equal((await send({ body: ping, headers: { 'content-type': type } })).status, 200);
    }
    for (const body of ['', ' ', '{', '{"a":1,}', 'nonsense', '{"a":"\n"}', new Uint8Array([0xff, 0xfe])]) {
      await refused({ body }, 400, -32_700);
    }
    for (const body of [
      'null',
      '1',
      '"x"',
      'true',
      '{}',
      '[[]]',
      '{"jsonrpc":"1.0","id":1,"method":"ping"}',
    ]) {
      assert.equal((await send({ body })).status, 400, body);
    }
  });

  it('is not larger than its limit, whether or not it says how large it is', async () => {
    const app = createHttpApp({ ...given.options, limits: { ...defaultLimits, bytes: 1_000 } });
    try {
      const fits = ping + ' '.repeat(1_000 - ping.length);
      assert.equal((await send({ body: fits }, app)).status, 200);
      await refused({ body: `${fits} ` }, 413, -32_000, app);
      await refused({ body: ping, headers: { 'content-length': '1001' } }, 413, -32_000, app);
      let pulled = 0;
      const endless = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(400).fill(0x20));
        },
      });
      const { headers } = callOf('whoami', {}, { token: await given.sign() });
      const request = new Request(audience, {
        method: 'POST',
        headers,
        body: endless,
        duplex: 'half',
      });
      assert.equal((await app.fetch(request)).status, 413);
      assert.ok(pulled < 10);
      const broken = new ReadableStream({
        start(controller) {
          controller.error(new Error('gone'));
        },
      });
      const half = new Request(audience, {
        method: 'POST',
        headers,
        body: broken,
        duplex: 'half',
      });
      assert.equal((await app.fetch(half)).status, 400);
    } finally {
      await app.close();
    }
  });

  it('is not nested deeper than is walked safely, and brackets in a text are none', async () => {
    assert.equal((await send({ body: nested(50) })).status, 200);
    await refused({ body: nested(70) }, 400, -32_700);
    await refused({ body: nested(300_000) }, 400, -32_700);
    const quoted = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'ping',
      params: { _meta: { a: '[{\\"['.repeat(99) } },
    });
    assert.equal((await send({ body: quoted })).status, 200);
  });

  it('is a batch of so many messages, and of one at least', async () => {
    const batch = (count: number) => `[${Array<string>(count).fill(ping).join(',')}]`;
    const headers = { 'mcp-protocol-version': '2025-03-26' };
    await refused({ body: '[]', headers }, 400, -32_600);
    await refused({ body: batch(51), headers }, 400, -32_600);
    const notices = `[${Array<string>(50).fill('{"jsonrpc":"2.0","method":"notifications/initialized"}').join(',')}]`;
    assert.equal((await send({ body: notices, headers })).status, 202);
  });

  it('comes by POST alone, with or without a session of which it knows nothing', async () => {
    for (const method of ['GET', 'DELETE', 'PUT', 'PATCH']) {
      const response = await send({ method, headers: { 'mcp-session-id': 'x' } });
      assert.equal(response.status, 405, method);
      assert.equal(response.headers.get('allow'), 'POST');
    }
    assert.equal((await send({ body: ping, headers: { 'mcp-session-id': 'x' } })).status, 200);
  });

  it('has headers that say what its body says', async () => {
    const token = await given.sign();
    const call = (headers: Record<string, string>) =>
      given.app.fetch(callOf('whoami', {}, { token, headers }));
    for (const headers of [
      { 'mcp-method': 'tools/list' },
      { 'mcp-name': 'add_todo' },
      { 'mcp-protocol-version': '2025-11-25' },
      { 'mcp-method': '' },
      { 'mcp-name': '' },
    ]) {
      const response = await call(headers);
      assert.equal(response.status, 400);
      const { error } = (await response.json()) as { error: { code: number } };
      assert.equal(error.code, -32_020, JSON.stringify(headers));
    }
    for (const missing of ['mcp-method', 'mcp-name', 'mcp-protocol-version']) {
      const request = callOf('whoami', {}, { token });
      request.headers.delete(missing);
      const response = await given.app.fetch(request);
      assert.equal(response.status, 400);
      assert.equal(((await response.json()) as { error: { code: number } }).error.code, -32_020, missing);
    }
    assert.equal((await call({})).status, 200);
  });

  for (const era of ['2025', '2026'] as const) {
    it(`may be written as models write it, in the era of ${era}`, async () => {
      const token = await given.sign();
      for (const written of [null, '{}']) {
        const response = await given.app.fetch(
          mcpRequest('tools/call', { name: 'whoami', arguments: written }, { token, era }),
        );
        assert.equal((await resultOf(response))['isError'], undefined, String(written));
      }
      const added = await given.app.fetch(
        mcpRequest(
          'tools/call',
          { name: 'add_todo', arguments: '{"description":"x","project":"y"}' },
          { token, era },
        ),
      );
      assert.equal((await resultOf(added))['isError'], undefined);
    });
  }
});
