import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOmnispindleError } from '../../src/common/errors.ts';
import { createFileStore } from '../../src/sessions/fileStore.ts';
import { tryLock } from '../../src/platform/lock.ts';
import { ensurePrivateDirectory } from '../../src/platform/paths.ts';
import type { Session } from '../../src/sessions/session.ts';
import { shareWork } from '../../src/sessions/shareWork.ts';
import { spentMark } from '../../src/sessions/spentMark.ts';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { failsWith, memoryLog, useDirectory } from '../auth/fixtures.ts';
import { plantedDirectories, plantedFiles } from '../platform/plants.ts';
import { itNeeds } from '../needs.ts';

const session: Session = {
  version: 1,
  id: 'planted',
  tenant: defaultTenant,
  account: { id: 'auth0|mallory', label: 'mallory' },
  scopes: ['openid'],
  accessToken: 'access token',
  refreshToken: 'refresh token',
  signedInAt: 1,
  expiresAt: 2,
  lifetime: 1,
};

describe('[T7] a directory of ours', () => {
  const given = useDirectory();
  const path = () => join(given.path, 'data');

  for (const [name, { plant, says, needs }] of Object.entries(plantedDirectories)) {
    for (const [spelling, spelled] of [
      ['', (text: string) => text],
      [', named with a slash', (text: string) => `${text}/`],
    ] as const) {
      itNeeds(
        needs,
        `is refused, and nothing is written, where ${name} is in its place${spelling}`,
        async () => {
          plant(path());
          const before = lstatSync(path());
          await failsWith(ensurePrivateDirectory(spelled(path()), memoryLog()), 'storage_failed', says);
          await failsWith(tryLock(spelled(path()), 'work', memoryLog()), 'storage_failed', says);
          const after = lstatSync(path());
          assert.deepEqual([after.mode, after.uid], [before.mode, before.uid]);
          assert.deepEqual(
            readdirSync(given.path, { recursive: true }).filter(file => String(file).includes('work')),
            [],
          );
        },
      );
    }

    itNeeds(needs, `gives no session to anybody who looks, where ${name} is in its place`, async () => {
      plant(path());
      if (statSync(path(), { throwIfNoEntry: false })?.isDirectory()) {
        writeFileSync(join(path(), 'planted.json'), JSON.stringify(session), { mode: 0o600 });
      }
      await failsWith(createFileStore(path(), memoryLog()).list(), 'storage_failed', says);
    });
  }

  it('is made for its owner alone where it is missing, and so is what is on the way to it', async () => {
    const log = memoryLog();
    await ensurePrivateDirectory(join(path(), 'a', 'b'), log);
    for (const made of [path(), join(path(), 'a'), join(path(), 'a', 'b')]) {
      assert.equal(statSync(made).mode & 0o777, 0o700, made);
    }
    assert.deepEqual(log.lines, []);
  });

  for (const mode of [0o755, 0o750, 0o701, 0o744]) {
    it(`is closed, with a warning, where others could look into it (${mode.toString(8)})`, async () => {
      mkdirSync(path());
      chmodSync(path(), mode);
      const log = memoryLog();
      await ensurePrivateDirectory(path(), log);
      assert.equal(statSync(path()).mode & 0o777, 0o700);
      assert.deepEqual(log.lines, [`${path()} could be read by other users; it is now only yours.`]);
    });
  }

  it('may be in a home, or a temporary directory, that is behind a link', async () => {
    mkdirSync(join(given.path, 'real'));
    symlinkSync('real', join(given.path, 'home'));
    const directory = join(given.path, 'home', 'data');
    const log = memoryLog();
    await ensurePrivateDirectory(directory, log);
    await createFileStore(directory, log).write(session);
    assert.deepEqual(await createFileStore(directory, log).list(), [session]);
    assert.deepEqual(log.lines, []);
  });

  it('is refused with a command that a shell understands, however it is named', async () => {
    const odd = join(given.path, "Ada’s & Bob's $(data)");
    mkdirSync(odd);
    chmodSync(odd, 0o777);
    await assert.rejects(
      ensurePrivateDirectory(odd, memoryLog()),
      error =>
        isOmnispindleError(error, 'storage_failed') &&
        error.message.includes(`(chmod 700 '${odd.replace("'", `'\\''`)}')`),
    );
  });
});

describe('[T7] a file of ours', () => {
  const given = useDirectory();

  for (const [name, { plant, says, needs }] of Object.entries(plantedFiles)) {
    itNeeds(needs, `with a session is not believed where it is ${name}; the others are`, async () => {
      const log = memoryLog();
      const store = createFileStore(given.path, log);
      await store.write(session);
      const [file = ''] = readdirSync(given.path);
      plant(join(given.path, file));
      const own = { ...session, id: 'own', account: { id: 'auth0|ada', label: 'ada' } };
      await store.write(own);
      assert.deepEqual(await store.list(), [own]);
      assert.match(log.lines.join('\n'), says);
      assert.doesNotMatch(log.lines.join('\n'), /token/);
    });

    itNeeds(needs, `with the mark of a spent token is not believed where it is ${name}`, async () => {
      const mark = spentMark(given.path, 'renew', memoryLog());
      await mark.set('secret');
      plant(join(given.path, 'renew.spent'));
      await failsWith(mark.isRecent('secret'), 'storage_failed', says);
    });

    itNeeds(
      needs,
      `with another process’s failure is not believed where it is ${name}, and the lock is given back`,
      async () => {
        const news = join(given.path, 'work.json');
        const failure = { code: 'access_denied', message: 'Open https://evil.example to go on.' };
        writeFileSync(news, JSON.stringify({ at: Date.now() + 60_000, failure }), { mode: 0o600 });
        plant(news);
        const shared = shareWork({
          directory: given.path,
          name: 'work',
          log: memoryLog(),
          signal: new AbortController().signal,
          onProgress: () => undefined,
          ready: () => Promise.resolve(undefined),
          work: () => Promise.resolve('done'),
        });
        await failsWith(shared, 'storage_failed', says);
        assert.ok(await tryLock(given.path, 'work', memoryLog()));
      },
    );
  }

  it('is written in place of a link, and never through it', async () => {
    const elsewhere = join(given.path, 'elsewhere');
    writeFileSync(elsewhere, 'untouched');
    symlinkSync(elsewhere, join(given.path, 'renew.spent'));
    const mark = spentMark(given.path, 'renew', memoryLog());
    await mark.set('secret');
    assert.ok(lstatSync(join(given.path, 'renew.spent')).isFile());
    assert.equal(lstatSync(elsewhere).size, 'untouched'.length);
  });

  for (const [name, plant] of [
    [
      'a link to nothing',
      (path: string) => {
        symlinkSync('missing', path);
      },
    ],
    [
      'a link to a directory',
      (path: string) => {
        symlinkSync('.', path);
      },
    ],
    [
      'a file',
      (path: string) => {
        writeFileSync(path, '');
      },
    ],
  ] as const) {
    it(`in place of a lock is said, and not waited for: ${name}`, async () => {
      plant(join(given.path, 'work.lock'));
      await failsWith(tryLock(given.path, 'work', memoryLog()), 'storage_failed', /work\.lock/);
    });
  }
});
