import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { createFileStore, type Seal } from '../../src/sessions/fileStore.ts';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { keyOf, type Session } from '../../src/sessions/session.ts';
import { failsWith, memoryLog, temporaryDirectory, useDirectory } from '../auth/fixtures.ts';

/** A seal as the keychain gives one, with a key of the test's own. */
function sealOf(key: Uint8Array): Seal {
  return {
    fingerprint: Buffer.from(key.subarray(0, 8)).toString('hex'),
    seal: text =>
      new CompactEncrypt(Buffer.from(text)).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key),
    unseal: text =>
      compactDecrypt(text, key).then(
        ({ plaintext }) => Buffer.from(plaintext).toString(),
        () => undefined,
      ),
  };
}

function session(sub: string, more: Partial<Session> = {}): Session {
  return {
    version: 1,
    id: `id of ${sub}`,
    tenant: defaultTenant,
    account: { id: sub, label: sub },
    scopes: ['openid'],
    accessToken: `access token of ${sub}`,
    refreshToken: `refresh token of ${sub}`,
    signedInAt: 1,
    expiresAt: 2,
    lifetime: 1,
    ...more,
  };
}

const ada = session('auth0|ada');
const grace = session('google-oauth2|grace');
const key = Buffer.alloc(32, 1);

for (const [kind, seal, suffix] of [
  ['plain', undefined, '.json'],
  ['sealed', sealOf(key), '.sealed'],
] as const) {
  describe(`sessions in ${kind} files`, () => {
    let parent: ReturnType<typeof temporaryDirectory>;
    let directory: string;
    let log: ReturnType<typeof memoryLog>;
    beforeEach(() => {
      parent = temporaryDirectory();
      directory = join(parent.path, 'sessions');
      log = memoryLog();
    });
    afterEach(() => {
      parent.remove();
    });

    const open = () => createFileStore(directory, log, seal);
    const files = () => readdirSync(directory).sort();
    const byId = (sessions: Session[]) => sessions.sort((a, b) => a.id.localeCompare(b.id));
    const path = (name = files()[0]!) => join(directory, name);

    it('are none before the first is written, and nothing is made for looking', async () => {
      assert.deepEqual(await open().list(), []);
      assert.throws(() => readdirSync(directory));
      assert.deepEqual(log.lines, []);
    });

    it('are found as they were written by whoever opens the directory next, one an account', async () => {
      await open().write(ada);
      await open().write(grace);
      await open().write({ ...ada, id: 'a later one' });
      assert.deepEqual(byId(await open().list()), byId([{ ...ada, id: 'a later one' }, grace]));
      assert.deepEqual(files().length, 2);
      assert.ok(files().every(name => name.endsWith(suffix)));
    });

    it('can be read by their owner alone, and their names name nobody', async () => {
      await open().write(ada);
      await open().probe();
      assert.equal(statSync(directory).mode & 0o777, 0o700);
      assert.equal(statSync(path()).mode & 0o777, 0o600);
      assert.doesNotMatch(files().join(), /ada|auth0/);
    });

    it('that others could read are made private, with a warning; so is their directory', async () => {
      await open().write(ada);
      chmodSync(path(), 0o644);
      assert.deepEqual(await open().list(), [ada]);
      assert.equal(statSync(path()).mode & 0o777, 0o600);
      assert.match(log.lines.join('\n'), /could be read by other users; it is now only yours/);
      log.lines.length = 0;
      chmodSync(directory, 0o755);
      await open().write(grace);
      assert.equal(statSync(directory).mode & 0o777, 0o700);
      assert.match(log.lines.join('\n'), /could be read by other users; it is now only yours/);
      log.lines.length = 0;
      await open().list();
      assert.deepEqual(log.lines, []);
    });

    const strange: Record<string, (text: string) => string> = {
      'cut off': text => text.slice(0, text.length / 2),
      empty: () => '',
      'not a session': () => '{"version":1}',
      'of a newer version': text => text.replace('"version":1', '"version":3'),
    };
    for (const [state, change] of Object.entries(strange)) {
      it(`[T10] where one is ${state}: it is left as it is, which is said once, and a new one is put beside it`, async () => {
        await open().write(ada);
        const name = files()[0]!;
        const text = change(JSON.stringify(ada));
        const stored = seal && text ? await seal.seal(text) : text;
        writeFileSync(path(), stored);
        await open().write(grace);
        assert.deepEqual(await open().list(), [grace]);
        assert.deepEqual(await open().list(), [grace]);
        const said = log.lines.filter(line => line.includes(name));
        assert.equal(said.length, 1, log.lines.join('\n'));
        assert.match(said[0]!, /could not be read.*It is left as it is\. Sign in again; a sign-out/);
        await open().write(ada);
        await open().write({ ...ada, accessToken: 'renewed' });
        assert.deepEqual(byId(await open().list()), byId([{ ...ada, accessToken: 'renewed' }, grace]));
        assert.equal(readFileSync(path(name), 'utf8'), stored);
        assert.equal(files().length, 3);
        await open().clear(keyOf(ada));
        assert.deepEqual(
          files().filter(file => file.startsWith(keyOf(ada))),
          [],
        );
      });
    }

    it('[T10] remember the refresh tokens they replaced, the newest 128, for the sign-out', async () => {
      const earlier = Array.from({ length: 126 }, (_, index) => `earlier ${String(index)}`);
      await open().write({ ...ada, id: '0', refreshToken: 'refresh 0', replaced: earlier });
      for (const id of ['1', '2', '3']) await open().write({ ...ada, id, refreshToken: `refresh ${id}` });
      await open().write({ ...ada, id: '3', refreshToken: 'renewed 3' });
      const { tokens } = await open().clear(keyOf(ada));
      assert.deepEqual(
        tokens.map(({ refreshToken }) => refreshToken),
        ['renewed 3', 'refresh 2', 'refresh 1', 'refresh 0', ...earlier.slice(0, 125)],
      );
    });

    it('[T10] that the tenant has ended keep nothing but what they replaced', async () => {
      const store = open();
      await store.write({ ...ada, id: 'first', refreshToken: 'the first' });
      const tokens = [{ scopes: ['more'], accessToken: 'of more', expiresAt: 2, lifetime: 1 }];
      await store.write({ ...ada, tokens });
      await store.remove(ada.id);
      assert.deepEqual(await store.list(), []);
      const stored = readFileSync(path(), 'utf8');
      const text = (seal ? await seal.unseal(stored) : stored) ?? '';
      assert.match(text, /the first/);
      assert.doesNotMatch(text, /of more|token of/);
      await store.write({ ...ada, id: 'next', refreshToken: 'the next' });
      assert.deepEqual(
        (await store.clear(keyOf(ada))).tokens.map(({ refreshToken }) => refreshToken),
        ['the next', 'the first'],
      );
    });

    it('[T10] say of a sign-in that cannot be kept beside too many that cannot be read what to do', async () => {
      const names: string[] = [];
      for (let count = 1; count <= 9; count++) {
        await open().write(ada);
        const name = files().find(file => !names.includes(file))!;
        names.push(name);
        writeFileSync(path(name), 'damaged');
      }
      await failsWith(open().write(ada), 'storage_failed', /too many stored sign-ins.*logout --all/);
      await open().clear(keyOf(ada));
      await open().write(ada);
      assert.deepEqual(await open().list(), [ada]);
    });

    it('are read where another file cannot be read at all', async () => {
      await open().write(grace);
      mkdirSync(join(directory, `0${suffix}`), { mode: 0o700 });
      assert.deepEqual(await open().list(), [grace]);
      assert.match(log.lines.join('\n'), /EISDIR/);
    });

    it('are forgotten one by one, and one that does not exist is no error', async () => {
      const store = open();
      await store.write(ada);
      await store.write(grace);
      await store.remove(ada.id);
      await store.remove(ada.id);
      assert.deepEqual(await store.list(), [grace]);
    });

    it('tell of every change, made here or by whoever shares the directory, until nobody listens', async () => {
      const [here, elsewhere] = [open(), open()];
      const heard = { here: 0, elsewhere: 0 };
      const listeners = [
        here.onDidChange(() => heard.here++),
        elsewhere.onDidChange(() => heard.elsewhere++),
      ];
      while (heard.here === 0 || heard.elsewhere === 0) {
        await here.write(ada);
        await delay(50);
      }
      for (const listener of listeners) listener.dispose();
      const before = { ...heard };
      const last = new Promise<void>(resolve => {
        here.onDidChange(() => {
          resolve();
        });
      });
      await here.remove(ada.id);
      await last;
      assert.deepEqual(heard, before);
    });

    it('leave no token in the log', async () => {
      await open().write(ada);
      writeFileSync(path(), JSON.stringify(ada).slice(0, -5));
      await open().list();
      assert.ok(log.lines.length > 0);
      assert.doesNotMatch(log.lines.join('\n'), /token of/);
    });
  });
}

describe('sealed files', () => {
  const directory = useDirectory();
  const open = (seal?: Seal) => createFileStore(directory.path, memoryLog(), seal);
  const endings = () =>
    readdirSync(directory.path)
      .map(name => name.replace(/^\w+/, ''))
      .sort();

  it('show nothing of the session', async () => {
    await open(sealOf(key)).write(ada);
    const [name = ''] = readdirSync(directory.path);
    assert.doesNotMatch(readFileSync(join(directory.path, name), 'utf8'), /token|ada/);
  });

  it('are used before the plain ones, which are used where there are none, and stay as they are', async () => {
    await open().write(ada);
    const store = open(sealOf(key));
    assert.deepEqual(await store.list(), [ada]);
    await store.write({ ...ada, accessToken: 'renewed' });
    assert.deepEqual(endings(), ['.json']);
    assert.equal((await open().list())[0]?.accessToken, 'renewed');
    await store.write({ ...ada, id: 'a sign-in with the keychain' });
    assert.deepEqual(endings(), ['.0101010101010101.sealed', '.json']);
    assert.deepEqual(
      (await store.list()).map(({ id }) => id),
      ['a sign-in with the keychain'],
    );
    await store.remove('a sign-in with the keychain');
    assert.deepEqual(
      (await store.list()).map(({ id }) => id),
      [ada.id],
    );
  });

  it('[T10] go with the plain ones of their account at a sign-out, whoever signs out', async () => {
    for (const seal of [undefined, sealOf(key), sealOf(Buffer.alloc(32, 2))]) {
      await open(sealOf(key)).write(ada);
      await open().write({ ...ada, id: 'later', refreshToken: 'later' });
      const { tokens, unreadable } = await open(seal).clear(keyOf(ada));
      const readable = seal?.fingerprint === sealOf(key).fingerprint;
      assert.equal(unreadable, readable ? 0 : 1);
      assert.deepEqual(
        tokens.map(({ refreshToken }) => refreshToken).sort(),
        readable ? ['later', ada.refreshToken] : ['later'],
      );
      assert.deepEqual(endings(), []);
    }
  });

  it('[T10] of another key are left alone, and those of whoever has that key beside them too', async () => {
    const other = sealOf(Buffer.alloc(32, 2));
    await open(sealOf(key)).write(ada);
    assert.deepEqual(await open(other).list(), []);
    await open(other).write({ ...ada, id: 'with the other key' });
    assert.deepEqual(await open(sealOf(key)).list(), [ada]);
    assert.equal((await open(other).list())[0]?.id, 'with the other key');
    assert.deepEqual(endings(), ['.0101010101010101.sealed', '.0202020202020202.sealed']);
  });

  it('[T10] of the version before are used as they are, and put aside by it they go at the sign-out', async () => {
    const seal = sealOf(key);
    const put = (ending: string, text: string) => {
      writeFileSync(join(directory.path, keyOf(ada) + ending), text, { mode: 0o600 });
    };
    const text = (id: string) => JSON.stringify({ ...ada, id, refreshToken: `refresh token of ${id}` });
    put('.sealed', await seal.seal(text('sealed')));
    put('.sealed.corrupt', await seal.seal(text('aside, sealed')));
    put('.json.corrupt', text('aside').replace('"version":1', '"version":3'));
    put('.json.1234567', text('a killed writer').slice(0, 40));
    put('.json.7654321', '');
    const store = open(seal);
    assert.deepEqual(
      (await store.list()).map(({ id }) => id),
      ['sealed'],
    );
    await store.write({ ...ada, id: 'the next', refreshToken: 'of the next' });
    assert.equal(endings().filter(ending => ending.endsWith('.sealed')).length, 1);
    const { tokens, unreadable } = await store.clear(keyOf(ada));
    assert.deepEqual(tokens.map(({ refreshToken }) => refreshToken).sort(), [
      'of the next',
      'refresh token of aside',
      'refresh token of aside, sealed',
      'refresh token of sealed',
    ]);
    assert.equal(unreadable, 1);
    assert.deepEqual(endings(), []);
  });

  it('[T11] that cannot be opened are said once, with the reason; so is each plain one that is put beside', async () => {
    const log = memoryLog();
    const stripped = () =>
      createFileStore(directory.path, log, undefined, { why: 'It is locked.', wasSealed: true });
    await open(sealOf(key)).write(ada);
    await stripped().list();
    await stripped().list();
    assert.equal(log.lines.length, 1, log.lines.join('\n'));
    assert.match(log.lines[0]!, /are sealed with a key from the keychain.*It is locked\. Unlock/);
    await stripped().write({ ...ada, id: 'plain' });
    await stripped().write({ ...ada, id: 'plain', accessToken: 'renewed' });
    assert.equal(log.lines.length, 2, log.lines.join('\n'));
    assert.match(log.lines[1]!, /The sign-in of auth0\|ada is kept in .*\.json, .*not encrypted/);
    assert.deepEqual(await open(sealOf(key)).list(), [ada]);
    assert.equal((await stripped().list())[0]?.accessToken, 'renewed');
    await stripped().clear(keyOf(ada));
    await stripped().write(ada);
    assert.match(log.lines[2] ?? '', /not encrypted/);
  });

  it('[T11] are not spoken of where there never was a keychain', async () => {
    const log = memoryLog();
    const store = createFileStore(directory.path, log, undefined, { why: 'None.', wasSealed: false });
    await store.write(ada);
    await store.list();
    assert.deepEqual(log.lines, []);
  });
});
