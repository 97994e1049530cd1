import assert from 'node:assert/strict';
import { createLegacyClient } from '../../../../src/bridge/remote/translation/legacyClient/legacyClient.ts';
import { createModernClient } from '../../../../src/bridge/remote/translation/modernClient/modernClient.ts';
import { memoryLog } from '../../../auth/fixtures.ts';
import { envelope } from '../../../server/eras.ts';
import { until } from '../fixtures.ts';
import type { Json } from '../rawClient.ts';
import { rawEnds, type RawEnds } from './rawEnds.ts';

const url = new URL('https://example.com/mcp');
const roots = { method: 'roots/list' };

describe('a translator between the eras, of a legacy client, where the server is odd', () => {
  /** @param capabilities the client's */
  function begin(capabilities: object, server: object = { resources: { subscribe: true } }): RawEnds {
    const discovered = { capabilities: server };
    const ends = rawEnds(end => createLegacyClient(end, { discovered, url, log: memoryLog() }));
    const params = { protocolVersion: '2025-06-18', clientInfo: { name: 'raw', version: '1' }, capabilities };
    ends.fromClient({ jsonrpc: '2.0', id: 'first', method: 'initialize', params });
    return ends;
  }
  const call = (id: number | string) =>
    `{"jsonrpc":"2.0","id":${String(id)},"method":"tools/call","params":{"name":"x","arguments":{"n":12345678901234567891}}}`;
  const asks = (id: unknown, inputRequests: unknown, requestState?: string) => ({
    jsonrpc: '2.0',
    id,
    result: { resultType: 'input_required', inputRequests, requestState },
  });

  it('[eras] the revision that the client asked for is agreed to, and a server without a name gets one', async () => {
    const ends = begin({});
    const { result } = await ends.find(ends.toClient, '"first"');
    assert.deepEqual(result, {
      protocolVersion: '2025-06-18',
      capabilities: { resources: { subscribe: true } },
      serverInfo: { name: 'example.com', version: '0' },
    });
  });

  it('[eras] numbers and ids above 2^53 arrive as they were said, at each round', async () => {
    const ends = begin({ roots: {} });
    ends.fromClient(call('12345678901234567890'));
    await ends.find(ends.toServer, '"id":12345678901234567890', '12345678901234567891');
    ends.fromServer(
      '{"jsonrpc":"2.0","id":12345678901234567890,"result":{"resultType":"input_required","requestState":"a\\u0062c","inputRequests":{"r":{"method":"roots/list","params":{"n":12345678901234567892}}}}}',
    );
    const { id } = await ends.find(ends.toClient, 'roots/list', '12345678901234567892');
    ends.fromClient(
      `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"roots":[{"n":12345678901234567893}]}}`,
    );
    const retry = await ends.find(
      ends.toServer,
      'inputResponses',
      '12345678901234567893',
      '12345678901234567891',
    );
    assert.equal((retry['params'] as Json)['requestState'], 'abc');
    ends.fromServer(
      `{"jsonrpc":"2.0","id":${JSON.stringify(retry['id'])},"result":{"n":12345678901234567894}}`,
    );
    await ends.find(ends.toClient, '"id":12345678901234567890', '12345678901234567894');
    ends.fromClient(call('12345678901234567895'));
    ends.fromClient(
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":12345678901234567895}}',
    );
    await ends.find(ends.toServer, 'cancelled', '12345678901234567895');
  });

  for (const [what, method, capabilities, needed] of [
    ['sampling', 'sampling/createMessage', {}, { sampling: {} }],
    ['a form', 'elicitation/create', { elicitation: { url: {} } }, { elicitation: { form: {} } }],
    ['roots', 'roots/list', { sampling: {} }, { roots: {} }],
  ] as const) {
    it(`[eras] ${what} from a server that does not look is an error where the client has not declared it`, async () => {
      const ends = begin(capabilities);
      ends.fromClient(call(1));
      ends.fromServer(asks(1, { r: { method, params: {} } }));
      const { error } = await ends.find(ends.toClient, '"error"');
      assert.equal((error as Json)['code'], -32_021);
      assert.deepEqual((error as Json)['data'], { requiredCapabilities: needed });
      assert.ok(!ends.toClient.some(text => text.includes(`"method":"${method}"`)));
    });
  }

  for (const [what, inputRequests] of [
    ['nothing', undefined],
    ['no object', 'roots'],
    ['a request that is none', { r: { method: 'tools/list' } }],
    ['a list of nothing', { r: null }],
    ['more than anybody can answer', Object.fromEntries(Array.from({ length: 65 }, (_, n) => [n, roots]))],
  ] as const) {
    it(`[eras] a server that wants ${what} is an error of the call`, async () => {
      const ends = begin({ roots: {} });
      ends.fromClient(call(1));
      ends.fromServer(asks(1, inputRequests));
      const { error } = await ends.find(ends.toClient, '"error"');
      assert.match(String((error as Json)['message']), /not in a way that a client can answer/);
    });
  }

  it('[eras] a subscription of our own leads to no sign-in', async () => {
    const ends = begin({}, { tools: { listChanged: true } });
    ends.fromClient({ jsonrpc: '2.0', method: 'notifications/initialized' });
    await ends.find(ends.toServer, 'subscriptions/listen');
    assert.deepEqual(ends.manners, [{ unattended: true }]);
  });

  it('[eras] an answer of a kind that the client cannot know is an error that says so', async () => {
    const ends = begin({});
    ends.fromClient(call(1));
    ends.fromServer({ jsonrpc: '2.0', id: 1, result: { resultType: 'task', taskId: 't' } });
    const { error } = await ends.find(ends.toClient, '"error"');
    assert.match(String((error as Json)['message']), /"task".* the client .* nothing/);
  });

  it('[eras] what a server asks by itself never reaches the client', async () => {
    const ends = begin({ roots: {} });
    ends.fromServer({ jsonrpc: '2.0', id: 1, ...roots });
    ends.fromClient({ jsonrpc: '2.0', id: 'ping', method: 'ping' });
    await ends.find(ends.toClient, '"ping"');
    assert.ok(!ends.toClient.some(text => text.includes('roots/list')));
  });

  it('[eras] a subscription that the server ends is opened again, and one it refuses is an error', async () => {
    const ends = begin({}, { tools: { listChanged: true }, resources: { subscribe: true } });
    ends.fromClient({ jsonrpc: '2.0', method: 'notifications/initialized' });
    const { id } = await ends.find(ends.toServer, 'subscriptions/listen');
    const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
    const method = 'notifications/subscriptions/acknowledged';
    ends.fromServer({ jsonrpc: '2.0', method, params: { _meta, notifications: { toolsListChanged: true } } });
    ends.fromServer({ jsonrpc: '2.0', id, result: { resultType: 'complete', _meta } });
    const listens = () => ends.toServer.filter(text => text.includes('subscriptions/listen'));
    await until(() => listens().length === 2);
    const second = JSON.parse(listens()[1] ?? '') as Json;
    ends.fromClient({ jsonrpc: '2.0', id: 's', method: 'resources/subscribe', params: { uri: 'wool://a' } });
    ends.fromServer({ jsonrpc: '2.0', id: second['id'], error: { code: -32_603, message: 'Too many' } });
    await until(() => listens().length === 3);
    const third = JSON.parse(listens()[2] ?? '') as Json;
    ends.fromServer({ jsonrpc: '2.0', id: third['id'], error: { code: -32_603, message: 'Too many' } });
    const { error } = await ends.find(ends.toClient, '"s"');
    assert.deepEqual(error, { code: -32_603, message: 'Too many' });
  });
});

describe('a translator between the eras, of a modern client, where an end is odd', () => {
  const _meta = envelope({ roots: {}, elicitation: { url: {} } });

  function begin(): RawEnds {
    return rawEnds(end => createModernClient(end, { url, log: memoryLog() }));
  }
  async function initialize(ends: RawEnds, result: object = { capabilities: { tools: {} } }): Promise<void> {
    const { id } = await ends.find(ends.toServer, '"initialize"');
    ends.fromServer({ jsonrpc: '2.0', id, result: { protocolVersion: '2025-06-18', ...result } });
    await ends.find(ends.toServer, 'notifications/initialized');
  }
  async function called(params: object = { name: 'x' }): Promise<RawEnds> {
    const ends = begin();
    ends.fromClient({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { _meta, ...params } });
    await initialize(ends);
    await ends.find(ends.toServer, 'tools/call');
    return ends;
  }
  const errorOf = async (ends: RawEnds, id: string) =>
    (await ends.find(ends.toClient, `"id":${id}`, '"error"'))['error'] as Json;

  it('[eras] a client that asks for nothing before its first call gets its answer', async () => {
    const ends = await called();
    ends.fromServer('{"jsonrpc":"2.0","id":1,"result":{"content":[],"n":12345678901234567890}}');
    const { result } = await ends.find(ends.toClient, '12345678901234567890');
    assert.equal((result as Json)['resultType'], 'complete');
  });

  it('[eras] what the server says to initialize is the answer of all that waits, and the next one tries again', async () => {
    const ends = begin();
    for (const id of [1, 2]) ends.fromClient({ jsonrpc: '2.0', id, method: 'tools/list', params: { _meta } });
    const { id } = await ends.find(ends.toServer, '"initialize"');
    ends.fromServer({ jsonrpc: '2.0', id, error: { code: -32_000, message: 'Closed today' } });
    for (const id of ['1', '2']) assert.equal((await errorOf(ends, id))['message'], 'Closed today');
    assert.equal(ends.toServer.length, 1);
    ends.fromClient({ jsonrpc: '2.0', id: 3, method: 'tools/list', params: { _meta } });
    await until(() => ends.toServer.length === 2);
  });

  it('[eras] what the session waits for is told to the request that begins it', async () => {
    const ends = begin();
    const meta = { ..._meta, progressToken: 'first' };
    ends.fromClient({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } });
    await ends.find(ends.toServer, '"initialize"');
    assert.deepEqual(ends.manners, [{ progressToken: 'first' }]);
    assert.ok(!ends.toServer[0]?.includes('progressToken'));
  });

  it('[eras] a call that is cancelled while the server is told what to log never gets there', async () => {
    const ends = begin();
    const meta = { ..._meta, 'io.modelcontextprotocol/logLevel': 'info' };
    ends.fromClient({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { _meta: meta, name: 'x' } });
    await initialize(ends, { capabilities: { logging: {} } });
    const { id } = await ends.find(ends.toServer, 'logging/setLevel', 'info');
    ends.fromClient({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    ends.fromServer({ jsonrpc: '2.0', id, result: {} });
    ends.fromClient({ jsonrpc: '2.0', id: 2, method: 'tools/list', params: { _meta } });
    await ends.find(ends.toServer, 'tools/list');
    assert.ok(!ends.toServer.some(text => text.includes('tools/call')));
  });

  it('[eras] a session that nobody waits for any more is not begun', async () => {
    const ends = begin();
    ends.fromClient({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } });
    const { id } = await ends.find(ends.toServer, '"initialize"');
    ends.fromClient({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    const { params } = await ends.find(ends.toServer, 'notifications/cancelled');
    assert.deepEqual(params, { requestId: id });
  });

  for (const [what, method, meta, code] of [
    ['ping', 'ping', _meta, -32_601],
    ['initialize', 'initialize', {}, -32_601],
    ['a subscription of the older era', 'resources/subscribe', _meta, -32_601],
    ['a revision that nobody knows', 'tools/list', envelope({}, '2099-01-01'), -32_022],
    ['no revision', 'tools/list', {}, -32_602],
  ] as const) {
    it(`[eras] ${what} of a modern client is an error, and never reaches the server`, async () => {
      const ends = begin();
      ends.fromClient({ jsonrpc: '2.0', id: 1, method, params: { _meta: meta, uri: 'wool://a' } });
      assert.equal((await errorOf(ends, '1'))['code'], code);
      assert.deepEqual(ends.toServer, []);
    });
  }

  async function asked(ends: RawEnds): Promise<{ key: string; requestState: unknown }> {
    ends.fromServer({ jsonrpc: '2.0', id: 'r', ...roots });
    const { result } = await ends.find(ends.toClient, 'input_required');
    const { inputRequests, requestState } = result as Json;
    const [key = ''] = Object.keys(inputRequests as object);
    return { key, requestState };
  }

  it('[eras] a requestState counts once, for the call that it was given for, and cannot be made up', async () => {
    const ends = await called({ name: 'x', arguments: { a: 1 } });
    const { key, requestState } = await asked(ends);
    const inputResponses = { [key]: { roots: [] } };
    const params = { _meta, name: 'x', arguments: { a: 1 }, inputResponses, requestState };
    const retry = (id: number, method: string, other: object) => {
      ends.fromClient({ jsonrpc: '2.0', id, method, params: { ...params, ...other } });
    };
    retry(2, 'tools/call', { name: 'y' });
    retry(3, 'tools/call', { arguments: { a: 2 } });
    retry(4, 'prompts/get', {});
    retry(5, 'tools/call', { requestState: 'made up' });
    for (const id of ['2', '3', '4', '5']) {
      assert.match(String((await errorOf(ends, id))['message']), /requestState/);
    }
    assert.ok(!ends.toServer.some(text => text.includes('"id":"r"')));
    retry(6, 'tools/call', {});
    await ends.find(ends.toServer, '"id":"r"', '"roots":[]');
    retry(7, 'tools/call', {});
    await errorOf(ends, '7');
    ends.fromServer({ jsonrpc: '2.0', id: 1, result: { content: [] } });
    await ends.find(ends.toClient, '"id":6', '"complete"');
  });

  it('[eras] answers that are missing are asked for again, until the server needs none', async () => {
    const ends = await called();
    const { requestState } = await asked(ends);
    ends.fromClient({
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/call',
      params: { _meta, name: 'x', requestState },
    });
    const { result } = await ends.find(ends.toClient, '"id":2', 'input_required');
    ends.fromServer({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'r' } });
    ends.fromServer({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: 'without' }] } });
    const { requestState: next } = result as Json;
    ends.fromClient({
      jsonrpc: '2.0',
      id: 3,
      method: 'tools/call',
      params: { _meta, name: 'x', requestState: next, inputResponses: {} },
    });
    await ends.find(ends.toClient, '"id":3', 'without', '"complete"');
  });

  it('[eras] an address that was declined is an error of the call, and nothing is sent again', async () => {
    const ends = await called();
    const elicitations = [{ mode: 'url', url: 'https://example.com', message: 'Open', elicitationId: 'e' }];
    ends.fromServer({
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32_042, message: 'First', data: { elicitations } },
    });
    const { result } = await ends.find(ends.toClient, 'input_required', 'https://example.com');
    const { inputRequests, requestState } = result as Json;
    assert.ok(!JSON.stringify(inputRequests).includes('elicitationId'));
    const [key = ''] = Object.keys(inputRequests as object);
    const inputResponses = { [key]: { action: 'decline' } };
    ends.fromClient({
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/call',
      params: { _meta, name: 'x', inputResponses, requestState },
    });
    assert.match(String((await errorOf(ends, '2'))['message']), /declined/);
    assert.equal(ends.toServer.filter(text => text.includes('tools/call')).length, 1);
  });

  it('[eras] an address for a client that opens none stays the error that it was', async () => {
    const ends = begin();
    ends.fromClient({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { _meta: envelope(), name: 'x' },
    });
    await initialize(ends);
    await ends.find(ends.toServer, 'tools/call');
    const elicitations = [{ mode: 'url', url: 'https://example.com', message: 'Open', elicitationId: 'e' }];
    ends.fromServer({
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32_042, message: 'First', data: { elicitations } },
    });
    assert.deepEqual(await errorOf(ends, '1'), { code: -32_042, message: 'First', data: { elicitations } });
  });

  it('[eras] what the server asks while only a list is under way is refused', async () => {
    const ends = begin();
    ends.fromClient({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } });
    await initialize(ends);
    ends.fromServer({ jsonrpc: '2.0', id: 'r', ...roots });
    const { error } = await ends.find(ends.toServer, '"id":"r"');
    assert.match(String((error as Json)['message']), /tools\/call, prompts\/get or resources\/read/);
    ends.fromServer({ jsonrpc: '2.0', id: 'u', method: 'sampling/dream' });
    assert.equal(((await ends.find(ends.toServer, '"id":"u"'))['error'] as Json)['code'], -32_601);
  });

  it('[eras] a server that never stops asking for one call is stopped', async () => {
    const ends = await called();
    await asked(ends);
    for (let n = 0; n < 70; n++) ends.fromServer({ jsonrpc: '2.0', id: `n${String(n)}`, ...roots });
    await ends.find(ends.toServer, '"id":"n69"', '"error"');
  });
});
