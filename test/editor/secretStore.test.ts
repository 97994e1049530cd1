import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import {
  looksSecret,
  referenceTo,
  referencesIn,
  secretNameFor,
  secretNamesOf,
} from '../../src/editor/secretReferences.ts';
import { createSecretStore } from '../../src/editor/secretStore.ts';
import { failsWith } from '../auth/fixtures.ts';

/** A SecretStorage, as far as it is needed here. */
function createStorage() {
  const kept = new Map<string, string>();
  const listeners = new Set<(change: { key: string }) => unknown>();
  const tell = (key: string) => {
    for (const listener of listeners) listener({ key });
    return Promise.resolve();
  };
  return {
    kept,
    get: (key: string) => Promise.resolve(kept.get(key)),
    store(key: string, value: string) {
      kept.set(key, value);
      return tell(key);
    },
    delete(key: string) {
      kept.delete(key);
      return tell(key);
    },
    keys: () => Promise.resolve([...kept.keys()]),
    onDidChange(listener: (change: { key: string }) => unknown) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
}

describe('the secrets of servers', () => {
  const remote = (headers: Record<string, string>) => ({ url: 'https://loom.example/mcp', headers });

  function createStore(answers: (string | undefined)[] = [], env: NodeJS.ProcessEnv = {}) {
    const storage = createStorage();
    const asked: string[][] = [];
    const store = createSecretStore({
      storage,
      env,
      ask(secret, server) {
        asked.push([secret, server]);
        return Promise.resolve(answers.shift());
      },
    });
    return { store, asked, storage };
  }

  it('[E9] are put where the setting refers to them, and so are variables of the environment', async () => {
    const { store, asked } = createStore([], { TEAM: 'weavers' });
    await store.put('loom.key', 'S3CRET');
    const { headers } = await store.of(
      'Loom',
      remote({
        'X-Api-Key': 'Key ${secret:loom.key}',
        'X-Team': '${env:TEAM}/${ env:TEAM}/${env: TEAM }',
        'X-Plain': 'as it is ${other:thing} $TEAM ${TEAM}',
      }),
      {},
    );
    assert.deepEqual(headers, {
      'X-Api-Key': 'Key S3CRET',
      'X-Team': 'weavers/${ env:TEAM}/weavers',
      'X-Plain': 'as it is ${other:thing} $TEAM ${TEAM}',
    });
    assert.deepEqual(asked, []);
  });

  it('[E9] are put into the variables of a local server too', async () => {
    const { store } = createStore();
    await store.put('a', '1');
    const server = {
      command: 'loom',
      tokenVariable: 'TOKEN',
      env: { KEY: '${secret:a}${secret:a}', B: 'b' },
    };
    assert.deepEqual(await store.of('Loom', server, {}), { env: { KEY: '11', B: 'b' } });
    assert.deepEqual(await store.of('Loom', { command: 'loom', tokenVariable: 'TOKEN' }, {}), { env: {} });
    assert.deepEqual(await store.of('Loom', { url: 'https://loom.example/mcp' }, {}), { headers: {} });
  });

  it('[E9] are not looked at again for what they look like', async () => {
    const { store } = createStore([], { HOME: '/home/ada' });
    await store.put('a', '${env:HOME}${secret:b}$&');
    assert.deepEqual(await store.of('Loom', remote({ k: '${secret:a}' }), {}), {
      headers: { k: '${env:HOME}${secret:b}$&' },
    });
  });

  it('[E9] are asked for by name where they are missing, once for all calls, and kept', async () => {
    const { store, asked, storage } = createStore(['S3CRET']);
    const server = remote({ 'X-Api-Key': '${secret:loom.key}' });
    const answers = await Promise.all([store.of('Loom', server, {}), store.of('Loom', server, {})]);
    for (const { headers } of answers) assert.deepEqual(headers, { 'X-Api-Key': 'S3CRET' });
    assert.deepEqual(asked, [['loom.key', 'Loom']]);
    assert.equal(storage.kept.get('server:loom.key'), 'S3CRET');
    assert.deepEqual(await store.names(), ['loom.key']);
  });

  it('[E9] are not asked for again for five minutes after a no, and the error says what to do', async () => {
    const { store, asked } = createStore([undefined, 'S3CRET']);
    const server = remote({ 'X-Api-Key': '${secret:loom.key}' });
    for (let times = 0; times < 3; times++) {
      await failsWith(
        store.of('Loom', server, {}),
        'access_denied',
        /Loom needs the secret loom\.key.*Manage Secrets of MCP Servers….*five minutes/,
      );
    }
    assert.equal(asked.length, 1);
    await store.put('loom.key', 'of the command');
    assert.deepEqual(await store.of('Loom', server, {}), { headers: { 'X-Api-Key': 'of the command' } });
    await store.remove('loom.key');
    assert.deepEqual(await store.of('Loom', server, {}), { headers: { 'X-Api-Key': 'S3CRET' } });
  });

  it('[E9] are not asked for where nobody may be asked', async () => {
    const { store, asked } = createStore(['S3CRET']);
    const silent = store.of('Loom', remote({ 'X-Api-Key': '${secret:a}' }), { silent: true });
    await failsWith(silent, 'login_required');
    assert.deepEqual(asked, []);
  });

  it('[E9] are missing in the same way after a no, where nobody may be asked', async () => {
    const { store, asked } = createStore([undefined]);
    const server = remote({ 'X-Api-Key': '${secret:a}' });
    await failsWith(store.of('Loom', server, {}), 'access_denied');
    await failsWith(store.of('Loom', server, { silent: true }), 'login_required');
    assert.equal(asked.length, 1);
  });

  it('[E9] may not be missing variables of the environment, and the error names both', async () => {
    const { store } = createStore();
    await failsWith(
      store.of('Loom', remote({ 'X-Team': '${env:TEAM}' }), {}),
      'invalid_settings',
      /server "Loom": X-Team needs the variable TEAM, which is not set/,
    );
  });

  it('[E9] tell when one is not any more what a server got, and nothing of what else the extension keeps', async () => {
    const { store, storage } = createStore();
    const heard: string[] = [];
    store.onDidChange(secret => heard.push(secret));
    await storage.store('session:1', '{}');
    await store.put('a', '1');
    await turn();
    assert.deepEqual(heard, [], 'nobody has it yet');
    await store.of('Loom', remote({ k: '${secret:a}' }), {});
    await store.put('a', '1');
    await turn();
    assert.deepEqual(heard, [], 'it is the same');
    await store.put('a', '2');
    await turn();
    assert.deepEqual(heard, ['a']);
    await store.of('Loom', remote({ k: '${secret:a}' }), {});
    await store.remove('a');
    await turn();
    assert.deepEqual(heard, ['a', 'a']);
    assert.deepEqual(await store.names(), []);
  });

  it('[E9] do not start the server again whose call asked for one', async () => {
    const { store } = createStore(['S3CRET']);
    const heard: string[] = [];
    store.onDidChange(secret => heard.push(secret));
    await store.of('Loom', remote({ k: '${secret:a}' }), {});
    await turn();
    assert.deepEqual(heard, []);
  });

  it('[E9] have a name of their own after their server and its header', () => {
    assert.equal(secretNameFor('Remote Loom', 'X-API-Key', []), 'remote-loom.x-api-key');
    assert.equal(secretNameFor('Webstuhl ✂}', 'K', ['webstuhl-.k']), 'webstuhl-.k-2');
    const name = secretNameFor('${env:A} $', 'K', []);
    assert.deepEqual(referencesIn(referenceTo(name)), [{ kind: 'secret', name }]);
    assert.deepEqual(
      secretNamesOf({ env: { A: `${referenceTo('a')}${referenceTo('b')}`, B: '${secret:a}' } }),
      ['a', 'b'],
    );
  });

  for (const [name, value, isSecret] of [
    ['Authorization', 'Bearer 12345', true],
    ['Proxy-Authorization', 'Basic 12345', true],
    ['Cookie', 'session=1234', true],
    ['X-API-Key', '12345678', true],
    ['API_KEY', '12345678', true],
    ['OPENAI_APIKEY', '12345678', true],
    ['GITHUB_TOKEN', '12345678', true],
    ['DB_PASSWORD', '12345678', true],
    ['CLIENT_SECRET', '12345678', true],
    ['accessToken', '12345678', true],
    ['AUTH0_AUDIENCE', 'the API of the loom', false],
    ['TOKEN_URL', 'of no secret', false],
    ['SSL_KEY', '/etc/ssl/key.pem', false],
    ['SSL_KEY', 'C:\\ssl\\key.pem', false],
    ['SSL_KEY', 'https://key.example', false],
    ['API_KEY', '${secret:a}', false],
    ['API_KEY', 'Key ${env:API_KEY}', false],
    ['API_KEY', 'none', false],
    ['X-Team', 'the weavers', false],
    ['KEYBOARD', 'qwertzuiop', false],
    ['MONKEY', 'gibbon and others', false],
  ] as const) {
    it(`[E9] ${isSecret ? 'include' : 'do not include'} ${name} with the value ${value}`, () => {
      assert.equal(looksSecret({ name, value }), isSecret);
    });
  }
});
