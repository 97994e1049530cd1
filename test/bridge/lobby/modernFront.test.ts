import assert from 'node:assert/strict';
import { createMemoryFront, serverOf, type Answers, type MemoryFront } from './memoryFront.ts';

type Json = Record<string, unknown>;

const version = '2026-07-28';
const _meta = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const subscriptionId = 'io.modelcontextprotocol/subscriptionId';
const discovered = {
  supportedVersions: [version],
  capabilities: { tools: {} },
  instructions: 'Take notes.',
  _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'notes', version: '3' } },
};
const tool = (name: string) => ({ name, inputSchema: { type: 'object' } });
const known = { discovered, lists: { 'tools/list': [tool('write')] } };
const modernServer = (...tools: string[]): Answers => ({
  ...serverOf(...tools),
  'server/discover': () => ({
    result: { resultType: 'complete', ttlMs: 0, cacheScope: 'private', ...discovered },
  }),
});
const settled = async () => {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
};
const resultOf = (answer: Json) => answer['result'] as Json;
const heard = ({ sent }: MemoryFront) => sent.filter(({ method }) => String(method).endsWith('list_changed'));

describe('[eras] the front of a bridge before a client of 2026-07-28', () => {
  it('[E1] answers server/discover and lists by itself, as that revision has them, where nobody is signed in', async () => {
    for (const translates of [true, false]) {
      const here = createMemoryFront(modernServer('write'), { translates });
      const said = resultOf(await here.call('server/discover', { _meta }));
      assert.deepEqual(said['supportedVersions'], [version]);
      assert.deepEqual((said['capabilities'] as Json)['tools'], { listChanged: true });
      assert.equal(said['resultType'], 'complete');
      const { tools, ...more } = resultOf(await here.call('tools/list', { _meta }));
      assert.deepEqual(more, { resultType: 'complete', ttlMs: 0, cacheScope: 'private' });
      assert.deepEqual(
        (tools as Json[]).map(({ name }) => name),
        ['sign_in'],
      );
      assert.deepEqual(here.received, []);
      assert.ok(!here.asked.includes('person'));
    }
  });

  it('[E1] answers with what the server said of itself before', async () => {
    const here = createMemoryFront(modernServer('write'), { known, translates: false });
    const said = resultOf(await here.call('server/discover', { _meta }));
    assert.equal(said['instructions'], 'Take notes.');
    assert.deepEqual(said['_meta'], discovered._meta);
    assert.deepEqual(resultOf(await here.call('tools/list', { _meta }))['tools'], [tool('write')]);
    // Also to a client of the other revision.
    const older = createMemoryFront(modernServer('write'), { known });
    const answer = await older.call('initialize', { protocolVersion: '2025-06-18', capabilities: {} });
    assert.deepEqual(resultOf(answer)['serverInfo'], { name: 'notes', version: '3' });
  });

  it('[E1] says that there is no such thing where a local server is known to say so, and begins the older way', async () => {
    const here = createMemoryFront(serverOf('write'), {
      translates: false,
      known: { discovered: {}, lists: { 'tools/list': [tool('write')] } },
    });
    assert.equal(((await here.call('server/discover', { _meta }))['error'] as Json)['code'], -32_601);
    await here.call('initialize', { protocolVersion: '2025-06-18', capabilities: {} });
    assert.deepEqual(resultOf(await here.call('tools/list'))['tools'], [tool('write')]);
    await here.call('tools/call', { name: 'write' });
    assert.equal(here.received[0], 'initialize');
  });

  it('[E1] refuses a revision that it does not know, and methods that are no more', async () => {
    const here = createMemoryFront(modernServer('write'));
    const other = { ..._meta, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' };
    assert.equal(((await here.call('tools/list', { _meta: other }))['error'] as Json)['code'], -32_022);
    assert.equal(((await here.call('ping', { _meta }))['error'] as Json)['code'], -32_601);
  });

  it('[E1] signs in at the first call, which goes to the server as it came, and nothing before it', async () => {
    const here = createMemoryFront(modernServer('write'), { known });
    await here.call('server/discover', { _meta });
    await here.call('tools/list', { _meta });
    assert.match(JSON.stringify(await here.call('tools/call', { _meta, name: 'write' })), /write ran/);
    await settled();
    assert.deepEqual(here.received, ['tools/call', 'tools/list']);
    assert.deepEqual(heard(here), []);
  });

  it('[E1] tells of a list that changed by the subscriptions that ask for it, each acknowledged once', async () => {
    const here = createMemoryFront(modernServer('write', 'read'), { known });
    await here.call('server/discover', { _meta });
    await here.call('tools/list', { _meta });
    const listen = (id: string, notifications: Json) =>
      here.say({ id, method: 'subscriptions/listen', params: { _meta, notifications } });
    await listen('tools', { toolsListChanged: true });
    await listen('prompts', { promptsListChanged: true });
    await listen('ended', { toolsListChanged: true });
    await here.say({ method: 'notifications/cancelled', params: { requestId: 'ended' } });
    const acknowledgements = () =>
      here.sent.filter(({ method }) => method === 'notifications/subscriptions/acknowledged');
    assert.equal(acknowledgements().length, 3);
    assert.deepEqual(here.received, []);
    void here.call('tools/call', { _meta, name: 'write' });
    await settled();
    assert.equal(here.received.filter(method => method === 'subscriptions/listen').length, 2);
    for (const id of ['tools', 'prompts']) {
      const params = { _meta: { [subscriptionId]: id }, notifications: {} };
      here.fromServer({ method: 'notifications/subscriptions/acknowledged', params });
    }
    assert.equal(acknowledgements().length, 3);
    assert.deepEqual(
      heard(here).map(({ method, params }) => [method, params]),
      [['notifications/tools/list_changed', { _meta: { [subscriptionId]: 'tools' } }]],
    );
  });

  it('[E1] goes on by itself where the person signs in elsewhere', async () => {
    const here = createMemoryFront(modernServer('write'));
    await here.call('server/discover', { _meta });
    await here.call('tools/list', { _meta });
    await here.say({
      id: 'tools',
      method: 'subscriptions/listen',
      params: { _meta, notifications: { toolsListChanged: true } },
    });
    here.account = 'ada';
    here.changed();
    await settled();
    assert.equal(heard(here).length, 1);
    assert.ok(!here.asked.includes('person'));
  });
});
