import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import toolList from '../../src/server/generated/toolList.json' with { type: 'json' };
import { useDirectory } from '../auth/fixtures.ts';
import { envelope, revision } from './eras.ts';

type Values = Record<string, unknown>;
interface Answer {
  readonly result?: Values;
  readonly error?: { readonly code: number; readonly data?: Values };
}

const initialize = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1.0.0' },
};

describe('the eras of the server on stdio', () => {
  const directory = useDirectory();
  let server: ChildProcessWithoutNullStreams;
  let lines: NodeJS.AsyncIterator<string>;
  let lastId: number;
  beforeEach(() => {
    lastId = 0;
    server = spawn(process.execPath, [join(import.meta.dirname, 'stdioServer.ts'), directory.path]);
    lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  });
  afterEach(async () => {
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  });

  function send(message: Values): void {
    server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }
  async function ask(method: string, params: Values): Promise<Answer> {
    const id = ++lastId;
    send({ id, method, params });
    const answer = JSON.parse(String((await lines.next()).value)) as Answer & { id: unknown };
    assert.equal(answer.id, id);
    return answer;
  }
  const call = (name: string, given: Values = {}) => ({ name, arguments: given });

  it('[era] a server is discovered: its revisions, what it can, what it is called and how it is used', async () => {
    const { result } = await ask('server/discover', { _meta: envelope() });
    assert.deepEqual(result?.['supportedVersions'], [revision]);
    assert.deepEqual(result['capabilities'], { tools: {} });
    assert.match(String(result['instructions']), /signed-in person/);
    assert.deepEqual((result['_meta'] as Values)['io.modelcontextprotocol/serverInfo'], {
      name: 'omnispindle',
      title: 'Omnispindle',
      version: '1.2.3',
    });
    assert.equal(result['resultType'], 'complete');
    assert.ok(Number(result['ttlMs']) > 0);
  });

  it('[era] a client of the newer revision needs no handshake, and its lists say how long they count', async () => {
    const { result } = await ask('tools/list', { _meta: envelope() });
    assert.equal((result?.['tools'] as Values[]).length, toolList.length);
    assert.deepEqual([result?.['resultType'], result?.['cacheScope']], ['complete', 'private']);
    assert.ok(Number(result?.['ttlMs']) > 0);
    const added = await ask('tools/call', {
      ...call('add_todo', { description: 'Spin', project: 'wool' }),
      _meta: envelope(),
    });
    assert.equal(added.result?.['resultType'], 'complete');
    assert.match(JSON.stringify(added.result), /Spin/);
  });

  it('[era] a client of the older revision sees nothing of the newer one', async () => {
    const { result } = await ask('initialize', initialize);
    assert.equal(result?.['protocolVersion'], '2025-11-25');
    send({ method: 'notifications/initialized' });
    const listed = await ask('tools/list', {});
    assert.deepEqual(Object.keys(listed.result ?? {}), ['tools']);
    const called = await ask('tools/call', call('query_todos'));
    assert.deepEqual(Object.keys(called.result ?? {}).sort(), ['content', 'structuredContent']);
    assert.deepEqual(await ask('ping', {}), { jsonrpc: '2.0', id: lastId, result: {} });
  });

  it('[era] a client that asks for both eras may take the older one after it has discovered the server', async () => {
    assert.ok((await ask('server/discover', { _meta: envelope() })).result);
    const { result } = await ask('initialize', { ...initialize, protocolVersion: '2025-06-18' });
    assert.equal(result?.['protocolVersion'], '2025-06-18');
    assert.match(JSON.stringify(await ask('tools/call', call('query_todos'))), /"total":0/);
  });

  for (const [when, before] of [
    ['at first', []],
    ['after a discovery', ['server/discover']],
  ] as const) {
    it(`[era] an unknown revision is refused with the list of supported ones: ${when}`, async () => {
      for (const method of before) await ask(method, { _meta: envelope() });
      for (const version of ['2027-01-01', 'none']) {
        const { error } = await ask('server/discover', { _meta: envelope({}, version) });
        assert.equal(error?.code, -32_022);
        assert.deepEqual(error.data, { supported: [revision], requested: version });
      }
      assert.ok((await ask('tools/list', { _meta: envelope() })).result);
    });
  }

  for (const [era, _meta] of [
    ['older', undefined],
    ['newer', envelope()],
  ] as const) {
    it(`[W11] the arguments of a call may be null or text in the ${era} era, too`, async () => {
      if (!_meta) await ask('initialize', initialize);
      for (const given of [null, undefined, '{}', '{"limit":"5"}', { limit: '5', filter: null }]) {
        const { result } = await ask('tools/call', { _meta, name: 'query_todos', arguments: given });
        assert.match(JSON.stringify(result), /"total":0/, JSON.stringify(given));
      }
      for (const given of ['text', '[]', 3, [1]]) {
        const answer = await ask('tools/call', { _meta, name: 'query_todos', arguments: given });
        assert.ok(answer.error, JSON.stringify(given));
      }
    });
  }

  it('[era] one bad message of the newer revision is answered, and the next one too', async () => {
    assert.ok((await ask('tools/list', { _meta: envelope() })).result);
    for (const [method, params] of [
      ['tools/list', {}],
      ['tools/list', { _meta: { ...envelope(), 'io.modelcontextprotocol/clientCapabilities': 3 } }],
      ['tools/call', { _meta: envelope(), name: 3 }],
      ['tools/call', { _meta: envelope(), ...call('query_todos'), requestState: 3 }],
      ['tools/call', { _meta: envelope({}, '2027-01-01'), ...call('query_todos') }],
      ['ping', { _meta: envelope() }],
      ['initialize', initialize],
      ['no/such', { _meta: envelope() }],
    ] as const) {
      assert.ok((await ask(method, params)).error, `${method} ${JSON.stringify(params)}`);
    }
    const odd = { ...call('query_todos'), inputResponses: { sign_in: 3, other: null } };
    for (const params of [odd, { ...call('query_todos'), inputResponses: {}, requestState: 'x' }]) {
      assert.match(JSON.stringify(await ask('tools/call', { _meta: envelope(), ...params })), /"total":0/);
    }
  });
});
