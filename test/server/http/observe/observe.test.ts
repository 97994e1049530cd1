import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { createJsonLog } from '../../../../src/server/http/observe/jsonLog.ts';
import { createMetrics } from '../../../../src/server/http/observe/metrics.ts';
import { serveMetrics } from '../../../../src/server/http/observe/metricsServer.ts';
import { pseudonymsBy } from '../../../../src/server/http/observe/pseudonym.ts';
import { noteRequest, observe, type Observer } from '../../../../src/server/http/observe/record.ts';

const secret = 's3cr3t-of-ada';
const paths = new Set(['/mcp', '/healthz', '/broken']);
const pseudonymOf = pseudonymsBy(Buffer.alloc(32, 'k'));
const ada = pseudonymOf({ issuer: 'https://tenant.example/', sub: 'auth0|ada' });

/** An app that notes what ours notes, and answers by the path. */
function appWith(observers: readonly Observer[]): Hono {
  const app = new Hono();
  app.use(observe(observers, paths));
  app.all('/mcp', context => {
    noteRequest({ rpcMethod: 'tools/call', tool: 'add_todo', account: ada });
    return context.json({ done: true });
  });
  app.get('/healthz', context => context.text('ok'));
  app.get('/broken', () => {
    noteRequest({ refusal: 'surprising', limited: 'address', tool: 'unknown', toolFailed: true });
    throw new Error(`password=${secret}`);
  });
  app.onError((_error, context) => context.text('broken', 500));
  return app;
}

function linesOf(isDetailed = false) {
  const lines: string[] = [];
  const json = createJsonLog(isDetailed, { write: line => lines.push(line) });
  return { lines, json, entries: () => lines.map(line => JSON.parse(line) as Record<string, unknown>) };
}

describe('the log of the HTTP server', () => {
  it('has a line for each request, with what helps to find it', async () => {
    const { json, entries } = linesOf();
    await appWith([json]).request('/mcp', { method: 'POST' });
    const [entry] = entries();
    const { time, ms, id, ...rest } = entry!;
    assert.deepEqual(rest, {
      level: 'info',
      method: 'POST',
      path: '/mcp',
      status: 200,
      rpcMethod: 'tools/call',
      tool: 'add_todo',
      account: ada,
      msg: 'request',
    });
    assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
    assert.equal(typeof ms, 'number');
    assert.match(String(id), /^[\da-f-]{36}$/);
  });

  it('has nothing of what a request says', async () => {
    const { json, lines } = linesOf(true);
    const app = appWith([json]);
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, cookie: secret, 'user-agent': secret, referer: secret },
      body: secret,
    };
    for (const path of ['/mcp', `/mcp?token=${secret}`, `/${secret}`, `/mcp/${secret}`, `/mcp#${secret}`]) {
      await app.request(path, init);
    }
    await app.request('/broken');
    await app.request('/mcp', { method: 'SECRET' });
    json.log.warn(`Could not connect with postgres://omnispindle:${secret}@db/omnispindle`);
    json.log.error(`authorization: Bearer ${secret}`);
    json.log.debug(`{"password":"${secret}"}`);
    assert.equal(lines.length, 10);
    assert.doesNotMatch(lines.join(''), /s3cr3t|SECRET/);
  });

  it('is one line for each message, whatever is in it', () => {
    const { json, lines, entries } = linesOf();
    json.log.info('one\nsecond "line"\r\n{"level":"fatal"}\u001b[31m\u2028');
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.trimEnd().includes('\n'), false);
    assert.equal(entries()[0]?.['level'], 'info');
  });

  it('has the probes and what is only of interest to who looks for a mistake where that is wanted', async () => {
    for (const isDetailed of [false, true]) {
      const { json, entries } = linesOf(isDetailed);
      await appWith([json]).request('/healthz');
      json.log.debug('a detail');
      assert.deepEqual(
        entries().map(({ level }) => level),
        isDetailed ? ['debug', 'debug'] : [],
      );
    }
  });

  it('tells what failed as an error', async () => {
    const { json, entries } = linesOf();
    await appWith([json]).request('/broken');
    assert.deepEqual([entries()[0]?.['level'], entries()[0]?.['status']], ['error', 500]);
  });

  it('names an account by what tells nothing of it, apart for each tenant', () => {
    assert.match(ada, /^[\da-f]{16}$/);
    assert.notEqual(ada, pseudonymOf({ issuer: 'https://other.example/', sub: 'auth0|ada' }));
    assert.notEqual(ada, pseudonymOf({ issuer: 'https://tenant.example/', sub: 'auth0|bob' }));
  });

  it('names it so that nobody finds out whose it is by trying all people, without the key', () => {
    const person = { issuer: 'https://tenant.example/', sub: 'auth0|ada' };
    const unkeyed = createHash('sha256').update(`${person.issuer}\n${person.sub}`).digest('hex');
    assert.ok(!unkeyed.includes(ada));
    assert.notEqual(ada, pseudonymsBy(Buffer.alloc(32, 'x'))(person));
  });
});

describe('the metrics of the HTTP server', () => {
  const pool = { totalCount: 5, idleCount: 2, waitingCount: 1 };

  it('count requests by what they were, and have no account', async () => {
    const metrics = createMetrics({ version: '1.2.3', pool });
    const app = appWith([metrics]);
    await app.request('/mcp', { method: 'POST' });
    await app.request('/mcp', { method: 'POST' });
    await app.request(`/${secret}`, { method: 'BREW' });
    await app.request('/broken');
    metrics.countKeyFetch(true);
    metrics.countKeyFetch(false);
    const text = await metrics.text();
    for (const line of [
      'omnispindle_http_requests_total{path="/mcp",http_method="POST",rpc_method="tools/call",tool="add_todo",status="200"} 2',
      'omnispindle_http_requests_total{path="unknown",http_method="unknown",rpc_method="",tool="",status="404"} 1',
      'omnispindle_http_request_duration_seconds_count{path="/mcp",rpc_method="tools/call",tool="add_todo"} 2',
      'omnispindle_http_requests_in_flight 0',
      'omnispindle_rate_limited_total{by="address"} 1',
      'omnispindle_auth_failures_total{code="other"} 1',
      'omnispindle_tool_failures_total{tool="unknown"} 1',
      'omnispindle_jwks_fetches_total{outcome="done"} 1',
      'omnispindle_jwks_fetches_total{outcome="failed"} 1',
      'omnispindle_db_pool_connections{state="used"} 3',
      'omnispindle_db_pool_connections{state="idle"} 2',
      'omnispindle_db_pool_waiting 1',
      `omnispindle_build_info{version="1.2.3",node="${process.version}"} 1`,
    ]) {
      assert.ok(text.includes(`\n${line}\n`), `${line}\n${text}`);
    }
    assert.ok(!text.includes(ada) && !text.includes('s3cr3t'));
  });

  it('are served on a port of their own, on loopback', async () => {
    const metrics = createMetrics({ version: '1.2.3' });
    const server = await serveMetrics(metrics, 0);
    try {
      assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
      const response = await fetch(server.url);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
      assert.match(await response.text(), /process_resident_memory_bytes/);
      assert.equal((await fetch(new URL('/mcp', server.url))).status, 404);
      assert.equal((await fetch(server.url, { method: 'POST', body: 'x' })).status, 405);
      for (const [host, status] of [
        ['localhost', 200],
        ['127.0.0.1:9', 200],
        ['[::1]', 200],
        ['evil.example', 403],
        ['localhost.evil.example', 403],
        ['10.0.0.7', 403],
      ] as const) {
        const sent = request(server.url, { headers: { host } }).end();
        const [answer] = (await once(sent, 'response')) as [IncomingMessage];
        answer.resume();
        assert.equal(answer.statusCode, status, host);
      }
      await assert.rejects(serveMetrics(metrics, Number(new URL(server.url).port)), {
        code: 'invalid_settings',
        message: /EADDRINUSE.*--metrics-port/,
      });
    } finally {
      await server.close();
    }
    await assert.rejects(fetch(server.url));
  });
});
