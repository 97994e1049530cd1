import assert from 'node:assert/strict';
import { AuthError } from '../../../src/auth/authError.ts';
import { OmnispindleError } from '../../../src/common/errors.ts';
import { createMemoryFront, serverOf, type MemoryFront } from './memoryFront.ts';

type Json = Record<string, unknown>;

const begin = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
const tool = (name: string) => ({ name, inputSchema: { type: 'object' } });
const known = {
  initialized: {
    protocolVersion: '2025-06-18',
    capabilities: { tools: {}, logging: {} },
    serverInfo: { name: 'notes', version: '3' },
    instructions: 'Take notes.',
  },
  lists: { 'tools/list': [tool('write')], 'prompts/list': [{ name: 'sum up' }] },
};
const settled = async (times = 20) => {
  for (let i = 0; i < times; i++) await new Promise(setImmediate);
};
const resultOf = (answer: Json) => answer['result'] as Json;
const toolsOf = (answer: Json) => (resultOf(answer)['tools'] as { name: string }[]).map(({ name }) => name);
const changes = ({ sent }: MemoryFront) =>
  sent.flatMap(({ method }) => (String(method).endsWith('list_changed') ? [method] : []));

async function start(here: MemoryFront): Promise<Json> {
  const answer = await here.call('initialize', begin);
  await here.say({ method: 'notifications/initialized' });
  return answer;
}

describe('the front of a bridge, without a process', () => {
  it('[E1] passes everything on at once where there is a token, and remembers what the server lists', async () => {
    const here = createMemoryFront(serverOf('write', 'read'));
    here.account = 'ada';
    await start(here);
    assert.deepEqual(toolsOf(await here.call('tools/list')), ['write', 'read']);
    await here.call('tools/call', { name: 'read' });
    assert.deepEqual(here.received, ['initialize', 'notifications/initialized', 'tools/list', 'tools/call']);
    assert.ok(!here.asked.includes('person'));
    assert.deepEqual(here.remembered.get('ada')?.lists['tools/list'], [tool('write'), tool('read')]);
    assert.deepEqual(here.remembered.get('ada')?.initialized, {
      protocolVersion: '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name: 'notes', version: '3' },
      instructions: 'Take notes.',
    });
    assert.deepEqual(changes(here), []);
  });

  it('[E1] answers all that a client asks at start by itself where nobody is signed in', async () => {
    const here = createMemoryFront(serverOf('write'));
    const { protocolVersion, capabilities, serverInfo } = resultOf(await start(here));
    assert.equal(protocolVersion, '2025-06-18');
    assert.deepEqual((capabilities as Json)['tools'], { listChanged: true });
    assert.equal((serverInfo as Json)['name'], 'notes.example');
    const [signIn] = resultOf(await here.call('tools/list'))['tools'] as Json[];
    assert.equal(signIn?.['name'], 'sign_in');
    assert.equal(signIn['title'], 'Sign in to notes.example');
    for (const [method, member] of [
      ['prompts/list', 'prompts'],
      ['resources/list', 'resources'],
      ['resources/templates/list', 'resourceTemplates'],
    ] as const) {
      assert.deepEqual(resultOf(await here.call(method)), { [member]: [] });
    }
    assert.deepEqual(resultOf(await here.call('ping')), {});
    assert.deepEqual(here.received, []);
    assert.ok(!here.asked.includes('person'));
  });

  it('[E1] answers with what the server listed for the account that was here last', async () => {
    const here = createMemoryFront(serverOf('write'), { known });
    const { instructions, capabilities, serverInfo } = resultOf(await start(here));
    assert.equal(instructions, 'Take notes.');
    assert.deepEqual(capabilities, { tools: { listChanged: true }, logging: {} });
    assert.deepEqual(serverInfo, known.initialized.serverInfo);
    assert.deepEqual(toolsOf(await here.call('tools/list')), ['write']);
    assert.deepEqual(resultOf(await here.call('prompts/list')), { prompts: [{ name: 'sum up' }] });
    assert.deepEqual(here.received, []);
  });

  it('[E1] signs in at the first call, says to the server what the client said, and brings the call there', async () => {
    const here = createMemoryFront(serverOf('write'), { known });
    await start(here);
    await here.call('logging/setLevel', { level: 'warning' });
    await here.call('tools/list');
    const answer = await here.call('tools/call', { name: 'write' });
    assert.match(JSON.stringify(answer), /write ran/);
    await settled();
    assert.deepEqual(here.received, [
      'initialize',
      'notifications/initialized',
      'logging/setLevel',
      'tools/call',
      'tools/list',
    ]);
    assert.equal(here.asked.filter(asked => asked === 'person').length, 1);
    assert.deepEqual(changes(here), []);
    // Nobody sees the answers to what was said again.
    assert.deepEqual(
      here.sent.map(({ id }) => id),
      [1, 2, 3, 4],
    );
  });

  it('[E1] tells the client that a list changed where the server has another one by now', async () => {
    const here = createMemoryFront(serverOf('write', 'read'), { known });
    await start(here);
    await here.call('tools/list');
    await here.call('prompts/list');
    await here.call('tools/call', { name: 'write' });
    await settled();
    assert.deepEqual(changes(here), [
      'notifications/tools/list_changed',
      'notifications/prompts/list_changed',
    ]);
    assert.deepEqual(toolsOf(await here.call('tools/list')), ['write', 'read']);
    assert.deepEqual(resultOf(await here.call('prompts/list')), { prompts: [] });
    assert.deepEqual(here.remembered.get('ada')?.lists['prompts/list'], []);
  });

  it('[E1] names the tools in the answer of the one that signs in, and has the client list them', async () => {
    const here = createMemoryFront(serverOf('write', 'read'));
    await start(here);
    await here.call('tools/list');
    const answer = await here.call('tools/call', { name: 'sign_in' });
    const said = JSON.stringify(answer);
    assert.match(said, /You are signed in to notes\.example as ada\. Its tools are: write, read\./);
    assert.deepEqual(changes(here), ['notifications/tools/list_changed']);
    // A client that has not listed them yet may call it again.
    assert.match(
      JSON.stringify(await here.call('tools/call', { name: 'sign_in' })),
      /Its tools are: write, read/,
    );
    await here.call('tools/list');
    assert.match(JSON.stringify(await here.call('tools/call', { name: 'sign_in' })), /sign_in ran/);
    assert.equal(here.asked.filter(asked => asked === 'person').length <= 2, true);
  });

  it('[E1] lets any number of calls wait for one sign-in, in their order, and forgets one that is cancelled', async () => {
    const here = createMemoryFront(serverOf('write'), { known });
    const given = Promise.withResolvers<string>();
    here.person = () => given.promise;
    await start(here);
    for (const id of ['a', 'b', 'c']) void here.say({ id, method: 'tools/call', params: { name: id } });
    void here.say({ id: 'c', method: 'tools/call', params: { name: 'again' } });
    await here.say({ method: 'notifications/cancelled', params: { requestId: 'b' } });
    assert.equal(here.front.isBusy(), true);
    given.resolve('ada');
    await settled();
    assert.equal(here.asked.filter(asked => asked === 'person').length, 1);
    assert.match(JSON.stringify(here.answersTo('a')), /a ran/);
    assert.deepEqual(here.answersTo('b'), []);
    const [refused, ran] = here.answersTo('c');
    assert.match(JSON.stringify(refused), /Another call has that id/);
    assert.match(JSON.stringify(ran), /c ran/);
    assert.equal(here.front.isBusy(), false);
  });

  it('[E1] waits for nobody’s sign-in once every call was cancelled, and asks again at the next', async () => {
    const here = createMemoryFront(serverOf('write'), { known });
    here.person = ({ signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new AuthError('cancelled', 'Stopped waiting.'));
        });
      });
    await start(here);
    void here.say({ id: 'a', method: 'tools/call', params: { name: 'write' } });
    await settled();
    await here.say({ method: 'notifications/cancelled', params: { requestId: 'a' } });
    await settled();
    assert.deepEqual(here.answersTo('a'), []);
    here.person = () => Promise.resolve('ada');
    assert.match(JSON.stringify(await here.call('tools/call', { name: 'write' })), /write ran/);
  });

  it('[E1] gives every call that waits the reason why there is no token, and asks again at the next', async () => {
    const here = createMemoryFront(serverOf('write'), { known });
    here.person = () => Promise.reject(new AuthError('timed_out', 'Nobody signed in.'));
    await start(here);
    const first = await here.call('tools/call', { name: 'write' });
    assert.deepEqual(first['error'], { code: -32_000, message: 'Nobody signed in.' });
    assert.deepEqual(toolsOf(await here.call('tools/list')), ['write']);
    here.person = () => Promise.resolve('ada');
    assert.match(JSON.stringify(await here.call('tools/call', { name: 'write' })), /write ran/);
    assert.deepEqual(here.received.slice(0, 3), ['initialize', 'notifications/initialized', 'tools/call']);
  });

  it('[E1] gives a call the server’s own words where it refuses to begin, and begins again at the next', async () => {
    const error = { code: -32_001, message: 'Closed on Sundays.', data: { until: 'Monday' } };
    let isClosed = true;
    const open = serverOf('write');
    const here = createMemoryFront(
      { ...open, initialize: params => (isClosed ? { error } : open['initialize']!(params)) },
      { known },
    );
    await start(here);
    assert.deepEqual((await here.call('tools/call', { name: 'write' }))['error'], error);
    isClosed = false;
    assert.match(JSON.stringify(await here.call('tools/call', { name: 'write' })), /write ran/);
    assert.deepEqual(here.received.slice(0, 4), [
      'initialize',
      'initialize',
      'notifications/initialized',
      'tools/call',
    ]);
  });

  it('[E1] goes on by itself where the person signs in elsewhere, and has the client list again', async () => {
    const here = createMemoryFront(serverOf('write'));
    await start(here);
    await here.call('tools/list');
    here.account = 'ada';
    here.changed();
    await settled();
    assert.deepEqual(here.received, ['initialize', 'notifications/initialized', 'tools/list']);
    assert.deepEqual(changes(here), ['notifications/tools/list_changed']);
    assert.deepEqual(toolsOf(await here.call('tools/list')), ['write']);
    assert.ok(!here.asked.includes('person'));
  });

  it('[E1] lists from memory after a sign-out, and asks nobody before the next call', async () => {
    const here = createMemoryFront(serverOf('write'));
    here.account = 'ada';
    await start(here);
    await here.call('tools/list');
    here.account = undefined;
    here.changed();
    assert.deepEqual(toolsOf(await here.call('tools/list')), ['write']);
    assert.deepEqual(resultOf(await here.call('ping')), {});
    assert.ok(!here.asked.includes('person'));
    assert.deepEqual(here.received, ['initialize', 'notifications/initialized', 'tools/list']);
    // The server has begun before, and is told nothing twice.
    await here.call('tools/call', { name: 'write' });
    assert.equal(here.received.filter(method => method === 'initialize').length, 1);
  });

  it('[E1] shows another account nothing of what the one before was listed', async () => {
    const here = createMemoryFront(serverOf('write'));
    here.account = 'ada';
    await start(here);
    await here.call('tools/list');
    here.account = 'grace';
    here.changed();
    await here.call('ping');
    here.account = undefined;
    here.changed();
    assert.deepEqual(toolsOf(await here.call('tools/list')), ['sign_in']);
  });

  for (const code of ['tenant_unreachable', 'server_error', 'timed_out', 'busy'] as const) {
    it(`[E1] lists from memory where there is no token because of ${code}, and says why at the call`, async () => {
      const here = createMemoryFront(serverOf('write'), { known });
      here.why = new OmnispindleError(code, 'Not now.');
      here.person = () => Promise.reject(here.why);
      await start(here);
      assert.deepEqual(toolsOf(await here.call('tools/list')), ['write']);
      assert.match(JSON.stringify(await here.call('tools/call', { name: 'write' })), /Not now\./);
    });
  }

  it('[E1] leaves a mistake in the settings to the bridge, which says it at start', async () => {
    const here = createMemoryFront(serverOf('write'));
    here.why = new AuthError('invalid_settings', 'Correct AUTH0_DOMAIN.');
    await start(here);
    assert.deepEqual(here.received, ['initialize', 'notifications/initialized']);
  });

  it('[E1] keeps the order of a client that sends all at once', async () => {
    for (const account of [undefined, 'ada']) {
      const here = createMemoryFront(serverOf('write'), { known });
      here.account = account;
      void here.say({ id: 1, method: 'initialize', params: begin });
      void here.say({ method: 'notifications/initialized' });
      void here.say({ id: 2, method: 'tools/list' });
      await here.say({ id: 3, method: 'tools/call', params: { name: 'write' } });
      await settled();
      assert.deepEqual(here.received.slice(0, 2), ['initialize', 'notifications/initialized']);
      assert.ok(here.received.includes('tools/call'));
      for (const id of [1, 2, 3]) assert.equal(here.answersTo(id).length, 1);
    }
  });

  it('[E1] puts the pages of a list together, and remembers none that is not whole', async () => {
    const pages: Record<string, Json> = {
      '': { tools: [tool('a')], nextCursor: 'two' },
      two: { tools: [tool('b')], nextCursor: 'three' },
      three: { tools: [tool('c')] },
    };
    const here = createMemoryFront({
      ...serverOf(),
      'tools/list': ({ cursor = '' }) => ({ result: pages[String(cursor)] ?? {} }),
    });
    here.account = 'ada';
    await start(here);
    await here.call('tools/list');
    await here.call('tools/list', { cursor: 'two' });
    assert.equal(here.remembered.get('ada')?.lists['tools/list'], undefined);
    await here.call('tools/list', { cursor: 'three' });
    assert.deepEqual(here.remembered.get('ada')?.lists['tools/list'], [tool('a'), tool('b'), tool('c')]);
    const again = createMemoryFront(serverOf('write'), { known });
    await start(again);
    assert.equal((await again.call('tools/list', { cursor: 'two' }))['error'] !== undefined, true);
  });

  it('[E1] agrees to no newer revision than the server did, and to one that exists', async () => {
    const old = { ...known, initialized: { ...known.initialized, protocolVersion: '2025-03-26' } };
    const revision = async (wanted: string, remembered = {}) => {
      const here = createMemoryFront(serverOf('write'), remembered);
      return resultOf(await here.call('initialize', { ...begin, protocolVersion: wanted }))[
        'protocolVersion'
      ];
    };
    assert.equal(await revision('2025-11-25', { known: old }), '2025-03-26');
    assert.equal(await revision('2024-11-05', { known: old }), '2024-11-05');
    assert.equal(await revision('2099-01-01'), '2025-11-25');
  });
});
