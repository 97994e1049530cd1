import assert from 'node:assert/strict';
import { createHttpApp } from '../../../src/server/http/app.ts';
import { callOf, useHttpApp } from './fixtures.ts';

describe('a server over HTTP, by name and origin', () => {
  const given = useHttpApp({
    allowedHosts: ['todos.internal'],
    allowedOrigins: ['https://inspector.example.com', 'http://lan.example:8080'],
  });
  const send = async (headers: Record<string, string>) =>
    given.app.fetch(callOf('whoami', {}, { token: await given.sign(), headers }));

  it('answers to its own name, to those that it was given, and to this machine’s', async () => {
    for (const host of [
      'todos.example.com',
      'TODOS.example.com',
      'todos.example.com:443',
      'todos.internal:8770',
      'localhost:8770',
      '127.0.0.1',
      '127.0.0.2:1',
      '[::1]:8770',
    ]) {
      assert.equal((await send({ host })).status, 200, host);
    }
  });

  it('refuses every other name, in words', async () => {
    for (const host of [
      'evil.example',
      'todos.example.com.evil.example',
      'evil.example:8770',
      '169.254.169.254',
      '0.0.0.0:8770',
      'localhost.evil.example',
      'evil.example#todos.example.com',
      'evil.example/todos.example.com',
      'todos.example.com@evil.example',
      'todos.example.com/x',
      'a b',
      '',
    ]) {
      const response = await send({ host });
      assert.equal(response.status, 403, host);
      assert.match(await response.text(), /--allow-host/, host);
    }
  });

  it('refuses pages of other origins, and of none', async () => {
    for (const origin of [
      'https://evil.example',
      'null',
      'http://todos.example.com',
      'https://todos.example.com:8443',
      'https://todos.example.com.evil.example',
      'https://todos.example.com/path',
      'http://lan.example',
      'file://localhost',
      'chrome-extension://localhost',
      'http://localhost.evil.example',
      'nonsense',
      '',
      'HTTPS://todos.example.com',
      'https://todos.example.com:443',
      'https://todos.example.com, https://evil.example',
      'https://todos.example.com.',
      'https://ada@todos.example.com',
      'data:text/html,x',
    ]) {
      const response = await send({ origin });
      assert.equal(response.status, 403, origin);
      assert.equal(response.headers.get('access-control-allow-origin'), null, origin);
      assert.match(await response.text(), /--allow-origin/);
    }
  });

  it('answers pages of its own origin, of those it was given, and of this machine, and lets them read why not', async () => {
    for (const origin of [
      'https://todos.example.com',
      'https://inspector.example.com',
      'http://lan.example:8080',
      'http://localhost:6274',
      'http://127.0.0.1:5173',
      'http://[::1]:6274',
    ]) {
      for (const [response, status] of [
        [await send({ origin }), 200],
        [await given.app.fetch(callOf('whoami', {}, { headers: { origin } })), 401],
      ] as const) {
        assert.equal(response.status, status, origin);
        assert.equal(response.headers.get('access-control-allow-origin'), origin);
        assert.equal(response.headers.get('access-control-allow-credentials'), null);
        assert.match(response.headers.get('vary') ?? '', /origin/i);
        const exposed = response.headers.get('access-control-expose-headers') ?? '';
        for (const header of ['WWW-Authenticate', 'Mcp-Session-Id', 'MCP-Protocol-Version']) {
          assert.ok(exposed.includes(header), exposed);
        }
      }
    }
  });

  it('answers a browser’s question before a call, without a token, for those alone', async () => {
    const ask = (origin: string, url = 'https://todos.example.com/mcp') =>
      given.app.fetch(
        new Request(url, {
          method: 'OPTIONS',
          headers: {
            host: 'todos.example.com',
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'authorization,content-type,mcp-protocol-version,mcp-method',
          },
        }),
      );
    const allowed = await ask('http://localhost:6274');
    assert.equal(allowed.status, 204);
    assert.match(allowed.headers.get('access-control-allow-headers') ?? '', /authorization.*mcp-method/);
    assert.match(allowed.headers.get('access-control-allow-methods') ?? '', /POST/);
    const refused = await ask('https://evil.example');
    assert.equal(refused.status, 403);
    assert.equal(refused.headers.get('access-control-allow-origin'), null);
    const metadata = 'https://todos.example.com/.well-known/oauth-protected-resource/mcp';
    assert.equal(
      (await ask('https://anybody.example', metadata)).headers.get('access-control-allow-origin'),
      '*',
    );
  });

  it('says by which tenant and scopes one signs in, for its path and its origin, to every page', async () => {
    for (const path of ['', '/mcp']) {
      for (const method of ['GET', 'HEAD']) {
        const response = await given.app.fetch(
          new Request(`https://todos.example.com/.well-known/oauth-protected-resource${path}`, {
            method,
            headers: { host: 'todos.example.com', origin: 'https://anybody.example' },
          }),
        );
        assert.equal(response.status, 200);
        assert.equal(response.headers.get('access-control-allow-origin'), '*');
        assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
        if (method === 'HEAD') continue;
        assert.deepEqual(await response.json(), {
          resource: 'https://todos.example.com/mcp',
          authorization_servers: [given.tenant.issuer],
          scopes_supported: ['omnispindle:read', 'omnispindle:write'],
          bearer_methods_supported: ['header'],
          resource_name: 'Omnispindle',
          resource_documentation: 'https://todos.example.com/',
        });
      }
    }
  });

  it('asks for those scopes alone that its tools need', async () => {
    const app = createHttpApp({ ...given.options, loadout: 'read_only' });
    try {
      const { headers } = await app.fetch(callOf('whoami', {}));
      assert.match(headers.get('www-authenticate') ?? '', /scope="omnispindle:read"/);
    } finally {
      await app.close();
    }
  });

  it('is alive and ready under any name and without a token, and says no more', async () => {
    const at = async (path: string, app = given.app) => {
      const response = await app.fetch(
        new Request(`http://10.0.0.7${path}`, { headers: { host: '10.0.0.7:8770' } }),
      );
      return [response.status, await response.text()];
    };
    assert.deepEqual(await at('/healthz'), [200, 'ok\n']);
    assert.deepEqual(await at('/readyz'), [200, 'ready\n']);
    let asked = 0;
    const app = createHttpApp({
      ...given.options,
      checkStore: () => {
        asked++;
        return Promise.reject(new Error('password of the database'));
      },
    });
    try {
      const answers = await Promise.all(Array.from({ length: 100 }, () => at('/readyz', app)));
      for (const answer of answers) assert.deepEqual(answer, [503, 'not ready\n']);
      assert.equal(asked, 1);
      assert.deepEqual(await at('/healthz', app), [200, 'ok\n']);
    } finally {
      await app.close();
    }
    given.app.beginStop();
    assert.deepEqual(await at('/readyz'), [503, 'not ready\n']);
    assert.deepEqual(await at('/healthz'), [200, 'ok\n']);
  });

  it('has what is only to be read for nothing else', async () => {
    const app = createHttpApp({
      ...given.options,
      addRoutes(routes) {
        routes.get('/', context => context.text('A page'));
      },
    });
    try {
      for (const path of ['/', '/healthz', '/readyz', '/.well-known/oauth-protected-resource/mcp']) {
        for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'GET']) {
          const response = await app.fetch(
            new Request(new URL(path, 'https://todos.example.com'), {
              method,
              headers: { host: 'todos.example.com' },
            }),
          );
          assert.equal(response.status, method === 'GET' ? 200 : 405, `${method} ${path}`);
          if (method !== 'GET') assert.equal(response.headers.get('allow'), 'GET, HEAD');
        }
      }
    } finally {
      await app.close();
    }
  });

  it('has nothing elsewhere', async () => {
    const response = await given.app.fetch(
      new Request('https://todos.example.com/nothing', { headers: { host: 'todos.example.com' } }),
    );
    assert.equal(response.status, 404);
    assert.match(await response.text(), /\/mcp/);
  });
});
