import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Hono } from 'hono';
import { OmnispindleError } from '../../../../src/common/errors.ts';
import { noLog } from '../../../../src/common/log.ts';
import { exportTraces } from '../../../../src/server/http/observe/exportTraces.ts';
import { noteRequest, observe } from '../../../../src/server/http/observe/record.ts';
import { spannedStore } from '../../../../src/server/http/observe/spans.ts';
import { watchTool } from '../../../../src/server/http/observe/watchTool.ts';
import type { PersonalStore } from '../../../../src/store/store.ts';

interface Span {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: { key: string; value: { stringValue?: string; intValue?: number | string } }[];
  readonly status: { code?: number };
}

const secret = 's3cr3t-of-ada';

/** What a collector of OpenTelemetry takes in, by OTLP over HTTP. */
async function startCollector(hangs = false) {
  const bodies: string[] = [];
  const server: Server = createServer((request, response) => {
    void text(request).then(body => {
      bodies.push(body);
      if (!hangs) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    bodies,
    endpoint: `http://127.0.0.1:${String(port)}`,
    spans: () =>
      bodies.flatMap(body =>
        (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap(
          ({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans),
        ),
      ),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const valueOf = ({ attributes }: Span, name: string) => {
  const { stringValue, intValue } = attributes.find(({ key }) => key === name)?.value ?? {};
  return stringValue ?? intValue;
};

describe('the traces of the HTTP server', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;

  afterEach(() => {
    collector.close();
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  });

  /** Traces what `within` does for one request. @returns the spans that the collector got */
  async function trace(headers: Record<string, string>, env: NodeJS.ProcessEnv = {}): Promise<Span[]> {
    collector = await startCollector();
    // The exporter reads the process's own.
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.endpoint;
    const traces = exportTraces('1.2.3', noLog, { ...process.env, ...env });
    const { spans } = traces;
    const store = spannedStore(
      { getTodo: async () => undefined } as unknown as PersonalStore,
      'postgresql',
      spans,
    );
    const app = new Hono();
    app.use(observe([spans.observer], new Set(['/mcp'])));
    app.post('/mcp', async context => {
      noteRequest({ rpcMethod: 'tools/call', tool: 'get_todo' });
      await spans.within('verify', {}, async () => undefined);
      const call = async () => {
        await store.getTodo(secret);
        return { isError: true, content: [] };
      };
      await watchTool(spans)('get_todo', call);
      await spans
        .within('broken', {}, async () => {
          throw new OmnispindleError('busy', `password=${secret}`);
        })
        .catch(() => undefined);
      return context.json({});
    });
    await app.request(`/mcp?token=${secret}`, { method: 'POST', body: secret, headers });
    await app.request(`/${secret}`);
    await traces.close();
    return collector.spans();
  }

  const parent = { trace: '0af7651916cd43dd8448eb211c80319c', span: 'b7ad6b7169203331' };
  const traceparent = `00-${parent.trace}-${parent.span}-01`;

  it('have a span of each request, in the trace that its client began, and of what was done for it', async () => {
    const spans = await trace({ traceparent, authorization: `Bearer ${secret}`, baggage: `a=${secret}` });
    const [request] = spans.filter(({ name }) => name === 'tools/call get_todo');
    assert.ok(request, JSON.stringify(spans));
    assert.deepEqual([request.traceId, request.parentSpanId, request.kind], [parent.trace, parent.span, 2]);
    assert.equal(valueOf(request, 'http.request.method'), 'POST');
    assert.equal(valueOf(request, 'http.route'), '/mcp');
    assert.equal(Number(valueOf(request, 'http.response.status_code')), 200);
    assert.equal(valueOf(request, 'mcp.method.name'), 'tools/call');
    const child = (name: string) => spans.find(span => span.name === name)!;
    for (const name of ['verify', 'execute_tool get_todo', 'broken']) {
      assert.equal(child(name).parentSpanId, request.spanId, name);
    }
    const database = child('postgresql getTodo');
    assert.equal(database.parentSpanId, child('execute_tool get_todo').spanId);
    assert.equal(valueOf(database, 'db.system.name'), 'postgresql');
    assert.deepEqual([child('broken').status.code, valueOf(child('broken'), 'error.type')], [2, 'busy']);
    assert.ok(spans.some(({ name, traceId }) => name === 'GET' && traceId !== parent.trace));
    assert.match(collector.bodies.join(''), /"service\.name".*omnispindle.*1\.2\.3/);
    assert.doesNotMatch(collector.bodies.join(''), /s3cr3t|ada/);
  });

  it('begin a trace of their own where a request is of none', async () => {
    for (const headers of [{}, { traceparent: 'nonsense' }, { traceparent: `${traceparent}${secret}` }]) {
      const spans = await trace(headers);
      const request = spans.find(({ name }) => name === 'tools/call get_todo');
      assert.ok(request && !request.parentSpanId, JSON.stringify(headers));
      assert.notEqual(request.traceId, parent.trace);
      collector.close();
    }
  });

  it('are of what the sampler chooses', async () => {
    assert.deepEqual(await trace({}, { OTEL_TRACES_SAMPLER: 'always_off' }), []);
    collector.close();
    const spans = await trace({ traceparent }, { OTEL_TRACES_SAMPLER: 'parentbased_always_off' });
    assert.ok(spans.length > 0 && spans.every(({ traceId }) => traceId === parent.trace));
  });

  it('keep nobody from ending where the collector does not answer', async () => {
    collector = await startCollector(true);
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.endpoint;
    const traces = exportTraces('1.2.3', noLog, process.env, { flushLimit: 50 });
    const app = new Hono();
    app.use(observe([traces.spans.observer], new Set(['/mcp'])));
    await app.request('/mcp');
    await traces.close();
    assert.deepEqual(collector.bodies.length, 1);
  });
});

describe('a store whose calls are traced', () => {
  it('gives piece by piece what is asked for so', async () => {
    const pieces = async function* () {
      yield 'a piece';
    };
    const personal = { eachLesson: pieces, exportRecords: pieces } as unknown as PersonalStore;
    const spans = {
      observer: { end: () => undefined },
      within: () => assert.fail('That is no single call.'),
    };
    const store = spannedStore(personal, 'sqlite', spans);
    for (const given of [store.eachLesson(), store.exportRecords()]) {
      const found: unknown[] = [];
      for await (const piece of given) found.push(piece);
      assert.deepEqual(found, ['a piece']);
    }
  });
});
