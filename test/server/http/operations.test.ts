import assert from 'node:assert/strict';
import { createHttpApp } from '../../../src/server/http/app.ts';
import { createJsonLog } from '../../../src/server/http/observe/jsonLog.ts';
import {
  startOperations,
  type Operations,
  type OperationsOptions,
} from '../../../src/server/http/operations.ts';
import { audience, callOf, mcpRequest, resultOf, useHttpApp } from './fixtures.ts';

const secret = 's3cr3t-of-ada';

describe('the HTTP server, watched and limited', () => {
  const given = useHttpApp();
  let operations: Operations | undefined;

  afterEach(async () => {
    await operations?.close();
  });

  /** The app with operations of these settings, and what it logs. */
  async function start(settings: Partial<OperationsOptions> = {}) {
    const lines: string[] = [];
    const json = createJsonLog(true, { write: line => lines.push(line) });
    const started = await startOperations({
      version: '1.2.3',
      log: json.log,
      observers: [json],
      paths: ['/mcp', '/healthz'],
      env: {},
      logKey: Buffer.alloc(32, 'k'),
      proxies: 0,
      ...settings,
    });
    operations = started;
    const app = createHttpApp({
      ...given.options,
      log: json.log,
      verify: started.watchedVerify(given.options.verify),
      store: started.watchedStore(given.options.store),
      first: started.first,
      afterSignIn: started.afterSignIn,
      watch: started.watch,
      addRoutes(routes) {
        routes.get('/broken', () => {
          throw new Error(`postgres://omnispindle:${secret}@db/omnispindle`);
        });
      },
    });
    return {
      app,
      lines,
      requests: () =>
        lines.map(line => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === 'request'),
      async metrics() {
        const response = await fetch(started.metricsUrl!);
        return response.text();
      },
    };
  }

  it('logs what each request was, by names that are known', async () => {
    const { app, requests } = await start();
    const token = await given.sign();
    for (const era of ['2025', '2026'] as const) {
      const sent = { token, era };
      assert.equal((await app.fetch(callOf('add_todo', todo('one'), sent))).status, 200);
      await app.fetch(callOf('no_such_tool', {}, sent));
      await app.fetch(mcpRequest('tools/list', {}, sent));
      await app.fetch(mcpRequest(`secret/${secret}`, {}, sent));
    }
    const told = requests().map(({ method, path, rpcMethod, tool }) => [method, path, rpcMethod, tool]);
    const once = [
      ['POST', '/mcp', 'tools/call', 'add_todo'],
      ['POST', '/mcp', 'tools/call', 'unknown'],
      ['POST', '/mcp', 'tools/list', undefined],
      ['POST', '/mcp', 'unknown', undefined],
    ];
    assert.deepEqual(told, [...once, ...once]);
    assert.equal(new Set(requests().map(({ account }) => account)).size, 1);
  });

  it('logs and counts nothing of a person, and no secret, wherever one is', async () => {
    const { app, lines, metrics } = await start({ metrics: { port: freeAnyway } });
    const token = await given.sign({ sub: 'auth0|ada', email: 'ada@example.com', name: 'Ada Lovelace' });
    const answers = [
      await app.fetch(callOf('add_todo', todo(secret), { token, headers: { cookie: secret } })),
      await app.fetch(callOf('get_todo', { todo_id: secret }, { token })),
      await app.fetch(callOf('add_todo', { [secret]: secret }, { token })),
      await app.fetch(callOf(secret, {}, { token })),
      await app.fetch(callOf('whoami', {}, { token: `${token}x` })),
      await app.fetch(callOf('whoami', {}, { token: secret })),
      await app.fetch(callOf('whoami', {}, { headers: { authorization: `Basic ${btoa(`ada:${secret}`)}` } })),
      await app.fetch(
        new Request(`${audience}?access_token=${token}&code=${secret}`, { method: 'POST', headers: known }),
      ),
      await app.fetch(new Request(new URL(`/${secret}`, audience), { headers: known })),
      await app.fetch(new Request(new URL('/broken', audience), { headers: known })),
      await app.fetch(
        new Request(audience, {
          method: 'POST',
          headers: { ...known, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: `{"${secret}`,
        }),
      ),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 401, 401, 401, 400, 404, 500, 400],
    );
    const text = lines.join('') + (await metrics());
    assert.doesNotMatch(text, /s3cr3t|ada@|Lovelace|auth0\||YWRh/i);
    assert.ok(!text.includes(token.slice(0, 30)) && !text.includes(token.slice(-30)));
  });

  it('counts calls, refusals by their code, and what failed', async () => {
    const { app, metrics } = await start({ metrics: { port: freeAnyway } });
    const token = await given.sign();
    await app.fetch(callOf('whoami', {}, { token }));
    await app.fetch(callOf('get_todo', { todo_id: 'none' }, { token }));
    await app.fetch(callOf('whoami', {}));
    await app.fetch(callOf('whoami', {}, { token: 'nonsense' }));
    const reader = await given.sign({ scope: 'omnispindle:read' });
    await app.fetch(callOf('add_todo', todo('one'), { token: reader }));
    const text = await metrics();
    for (const line of [
      'omnispindle_http_requests_total{path="/mcp",http_method="POST",rpc_method="tools/call",tool="whoami",status="200"} 1',
      'omnispindle_http_requests_total{path="/mcp",http_method="POST",rpc_method="",tool="",status="401"} 2',
      'omnispindle_http_requests_total{path="/mcp",http_method="POST",rpc_method="tools/call",tool="add_todo",status="403"} 1',
      'omnispindle_tool_failures_total{tool="get_todo"} 1',
      'omnispindle_auth_failures_total{code="missing_token"} 1',
      'omnispindle_auth_failures_total{code="invalid_token"} 1',
      'omnispindle_auth_failures_total{code="insufficient_scope"} 1',
    ]) {
      assert.ok(text.includes(`\n${line}\n`), `${line}\n${text}`);
    }
  });

  it('refuses an account that calls too often, and no other one', async () => {
    const { app, requests } = await start({ accountRate: { points: 2, seconds: 60 } });
    const [ada, bob] = [await given.sign({ sub: 'auth0|ada' }), await given.sign({ sub: 'auth0|bob' })];
    // Another token is no other account.
    const later = await given.sign({ sub: 'auth0|ada', jti: 'another' });
    const statuses = [];
    for (const token of [ada, later, ada, later, bob]) {
      statuses.push((await app.fetch(callOf('whoami', {}, { token }))).status);
    }
    assert.deepEqual(statuses, [200, 200, 429, 429, 200]);
    const refused = await app.fetch(callOf('whoami', {}, { token: ada }));
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
    assert.equal(refused.headers.get('ratelimit-remaining'), '0');
    assert.equal(requests().at(-1)?.['limited'], 'account');
  });

  it('answers 429 to an address that sends too many wrong tokens, and lets who has a right one in', async () => {
    const { app } = await start({ addressRate: { points: 2, seconds: 60 }, proxies: 1 });
    const token = await given.sign();
    const from = async (address: string, shown = 'nonsense') => {
      const headers = { 'x-forwarded-for': `203.0.113.99, ${address}` };
      const response = await app.fetch(callOf('whoami', {}, { token: shown, headers }));
      return response.status;
    };
    assert.deepEqual(
      [await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.1')],
      [401, 401, 429],
    );
    assert.deepEqual([await from('192.0.2.2'), await from('192.0.2.1', token)], [401, 200]);
    const { headers } = await app.fetch(
      callOf('whoami', {}, { headers: { 'x-forwarded-for': '192.0.2.1' } }),
    );
    assert.deepEqual([headers.has('retry-after'), headers.has('www-authenticate')], [true, false]);
  });

  it('has the counts of accounts and of addresses where replicas share them', async () => {
    const asked: string[] = [];
    const queries = {
      query({ values = [] }: { values?: unknown[] }) {
        const [key, points, expire] = values;
        asked.push(String(key));
        return Promise.resolve({ rows: [{ points, expire: String(expire) }], rowCount: 1 });
      },
    };
    const rate = { points: 40, seconds: 60 };
    const { app } = await start({
      accountRate: rate,
      addressRate: rate,
      proxies: 1,
      database: {
        counts: { queries, table: 'counts' },
        pool: { totalCount: 0, idleCount: 0, waitingCount: 0 },
      },
    });
    const headers = { 'x-forwarded-for': '192.0.2.1' };
    assert.equal((await app.fetch(callOf('whoami', {}, { token: 'nonsense', headers }))).status, 401);
    assert.match(asked.join(), /^address:\d{1,5}$/);
    assert.doesNotMatch(asked.join(), /192/);
    asked.length = 0;
    const token = await given.sign();
    assert.equal((await app.fetch(callOf('whoami', {}, { token, headers }))).status, 200);
    assert.match(asked.join(), /^account:[\da-f]{16}$/);
  });

  it('limits nothing where that is wanted', async () => {
    const { app } = await start({ accountRate: undefined, addressRate: undefined });
    const token = await given.sign();
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => app.fetch(callOf('whoami', {}, { token }))),
    );
    assert.ok(responses.every(({ status }) => status === 200));
    assert.ok((await resultOf(responses[0]!))['structuredContent']);
  });
});

/** 0 takes any free port. */
const freeAnyway = 0;
const known = { host: 'todos.example.com' };

function todo(description: string): Record<string, unknown> {
  return { description, project: 'omnispindle' };
}
