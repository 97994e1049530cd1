import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { freePort } from '../freePort.ts';
import { callOf, resultOf } from '../server/http/fixtures.ts';
import { useUser } from '../tenant/useTenant.ts';
import { run, start, type Started, type Surroundings } from './fixtures.ts';

describe('omnispindle serve --http', () => {
  const started: Started[] = [];
  const given = useUser(async () => {
    for (const { pid, ended } of started.splice(0)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
      await ended;
    }
  });
  const surroundings = (env: Record<string, string> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    env: { OMNISPINDLE_STOP_DELAY: '0', ...env },
  });

  async function serve(...args: string[]): Promise<{ server: Started; url: string }> {
    const port = String(await freePort());
    const server = start(surroundings(), 'serve', '--http', '--port', port, ...args);
    started.push(server);
    await server.says(/listens at/);
    return { server, url: `http://localhost:${port}/mcp` };
  }
  const send = async (url: string, token: string, name: string, input = {}) => {
    const request = callOf(name, input, { token });
    request.headers.delete('host');
    return fetch(url, { method: 'POST', headers: request.headers, body: await request.text() });
  };

  it('says where it listens, answers whoever has a token for its API, and ends with 0 when it is told to', async () => {
    const { server, url } = await serve();
    assert.ok(server.stderr().includes(url), server.stderr());
    const tokens: string[] = [];
    for (const sub of ['auth0|ada', 'auth0|lin']) {
      const token = await given.tenant.sign({ sub, scope: 'omnispindle:read omnispindle:write' });
      tokens.push(token);
      assert.equal((await send(url, token, 'add_todo', { description: sub, project: 'wool' })).status, 200);
      const listed = await resultOf(await send(url, token, 'list_project_todos', { project: 'wool' }));
      assert.equal((listed['structuredContent'] as { total: number }).total, 1);
    }
    const wrong = await given.tenant.sign({ aud: 'https://other.example/' });
    tokens.push(wrong);
    const refused = await send(url, wrong, 'whoami');
    assert.equal(refused.status, 401);
    const [, metadata = ''] =
      /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? [];
    // The API that the operator has configured lies elsewhere: clients would refuse it as this server's resource.
    const { resource, authorization_servers: issuers } = (await (await fetch(metadata)).json()) as Record<
      string,
      unknown
    >;
    assert.deepEqual([resource, issuers], [url, [given.tenant.issuer]]);
    assert.equal((await fetch(new URL('/readyz', url))).status, 200);
    process.kill(server.pid, 'SIGTERM');
    const { code, stdout, stderr } = await server.ended;
    assert.equal(code, 0);
    assert.equal(stdout, '');
    for (const token of tokens) {
      for (const part of token.split('.')) assert.ok(!stderr.includes(part));
    }
  });

  it('ends with 0 when it is told to before it listens, while the database does not answer', async () => {
    const silent = createTcpServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const env = { DATABASE_URL: `postgres://role:password@127.0.0.1:${String(port)}/todos` };
    const server = start(surroundings(env), 'serve', '--http', '--port', String(await freePort()));
    started.push(server);
    await once(silent, 'connection');
    process.kill(server.pid, 'SIGTERM');
    const { code, stderr } = await server.ended;
    silent.close();
    assert.equal(code, 0, stderr);
  });

  it('ends at once at a second signal, and takes no port of another program', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const taken = await run(surroundings(), 'serve', '--http', '--port', String(port));
    other.close();
    assert.equal(taken.code, 1);
    assert.match(taken.stderr, new RegExp(`port ${String(port)}[^]*--port`));
    const server = start(
      surroundings({ OMNISPINDLE_STOP_DELAY: '30' }),
      ...['serve', '--http', '--port', String(await freePort())],
    );
    started.push(server);
    await server.says(/listens at/);
    process.kill(server.pid, 'SIGTERM');
    await server.says(/ends when/);
    process.kill(server.pid, 'SIGTERM');
    assert.equal((await server.ended).code, 1);
  });

  it('takes no option of stdio, as stdio takes none of HTTP', async () => {
    for (const [args, saying] of [
      [['serve', '--port', '9000'], /--port needs --http/],
      [['serve', '--url', 'https://todos.example.com'], /--url needs --http/],
      [['serve', '--behind-proxy'], /--behind-proxy needs --http/],
      [['serve', '--http', '--account', 'ada@example.com'], /--account is for one person/],
      [['serve', '--http', '--host', '0.0.0.0'], /--url https[^]*--behind-proxy/],
    ] as const) {
      const { code, stdout, stderr } = await run(surroundings(), ...args);
      assert.equal(code, 2, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, saying);
    }
  });
});
