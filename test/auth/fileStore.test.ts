import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { createFileStore, type Seal } from '../../src/auth/fileStore.ts';
import { defaultTenant } from '../../src/auth/tenant.ts';
import type { Session } from '../../src/auth/session.ts';
import { memoryLog, temporaryDirectory, useDirectory } from './fixtures.ts';

/** A seal as the keychain gives one, with a key of the test's own. */
function sealOf(key: Uint8Array): Seal {
  return {
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

    it("can be read by their owner alone, and their names tell no one's", async () => {
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
      'of a newer version': text => text.replace('"version":1', '"version":2'),
    };
    for (const [state, change] of Object.entries(strange)) {
      it(`where one is ${state}: it is set aside with a warning, the others stay`, async () => {
        await open().write(ada);
        const name = files()[0]!;
        const text = change(JSON.stringify(ada));
        const stored = seal && text ? await seal.seal(text) : text;
        writeFileSync(path(), stored);
        await open().write(grace);
        assert.deepEqual(await open().list(), [grace]);
        assert.equal(readFileSync(path(`${name}.corrupt`), 'utf8'), stored);
        assert.match(log.lines.join('\n'), /is kept as .*\.corrupt\. Sign in again to replace it/);
        log.lines.length = 0;
        await open().write(ada);
        assert.deepEqual(byId(await open().list()), byId([ada, grace]));
        assert.deepEqual(log.lines, []);
      });
    }

    it('where one cannot be read at all: the others are', async () => {
      await open().write(grace);
      mkdirSync(join(directory, `0${suffix}`), { mode: 0o700 });
      assert.deepEqual(await open().list(), [grace]);
      assert.match(log.lines.join('\n'), /EISDIR/);
    });

    it('are forgotten one by one, and what is not there is nothing to complain of', async () => {
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

  it('show nothing of the session', async () => {
    await open(sealOf(key)).write(ada);
    const [name = ''] = readdirSync(directory.path);
    assert.doesNotMatch(readFileSync(join(directory.path, name), 'utf8'), /token|ada/);
  });

  it('take over the plain files of an earlier time, and replace them at the next write', async () => {
    await open().write(ada);
    const store = open(sealOf(key));
    assert.deepEqual(await store.list(), [ada]);
    await store.write(ada);
    assert.deepEqual(
      readdirSync(directory.path).map(name => name.replace(/^\w+/, '')),
      ['.sealed'],
    );
  });

  it('do not come back from before a sign-in without the keychain', async () => {
    await open(sealOf(key)).write(ada);
    await open().write({ ...ada, id: 'later' });
    const store = open(sealOf(key));
    await store.remove('later');
    assert.deepEqual(await store.list(), []);
  });

  it('of another key are set aside; those whose keychain is away for a while are left alone', async () => {
    await open(sealOf(key)).write(ada);
    assert.deepEqual(await open().list(), []);
    assert.deepEqual(await open(sealOf(key)).list(), [ada]);
    assert.deepEqual(await open(sealOf(Buffer.alloc(32, 2))).list(), []);
    assert.match(readdirSync(directory.path).join(), /\.sealed\.corrupt$/);
  });
});
