import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { openWindows } from '../../src/broker/windowDirectory.ts';
import {
  createWindowRecord,
  type AnnouncedWindow,
  type WindowRecord,
} from '../../src/broker/windowRecord.ts';
import type { BrokerHost } from '../../src/broker/host.ts';
import { noLog } from '../../src/common/log.ts';
import { memoryLog, useDirectory } from '../auth/fixtures.ts';
import { itNeeds } from '../needs.ts';
import { plantedDirectories, stranger } from '../platform/plants.ts';
import { openWindow, token } from './fixtures.ts';

describe('the directory of an editor’s windows', () => {
  const given = useDirectory();
  let hosts: BrokerHost[];
  const editor = 'vscode profile';
  const directory = () => join(given.path, 'windows');
  const find = (of = editor, log = noLog) => openWindows(directory(), of, log);
  const files = () => readdirSync(directory()).map(name => join(directory(), name));

  beforeEach(() => {
    hosts = [];
  });
  afterEach(() => Promise.all(hosts.map(host => host.dispose())));

  /** A window that is open and says so. */
  async function announce(
    focusedAt: number,
    of = editor,
  ): Promise<{ record: WindowRecord; window: AnnouncedWindow; host: BrokerHost }> {
    const host = openWindow(() => Promise.resolve(token('good')));
    hosts.push(host);
    const record = createWindowRecord(directory(), noLog);
    const window = { ...(await host.openDoor()), editor: of, focusedAt };
    await record.write(window);
    return { record, window, host };
  }

  it('[E2] finds the window that last had the focus, of the same editor and profile', async () => {
    const first = await announce(1);
    const second = await announce(2);
    await announce(3, 'another editor');
    const addresses = async () => (await find()).map(({ address }) => address);
    assert.deepEqual(await addresses(), [second.window.address, first.window.address]);
    await first.record.write({ ...first.window, focusedAt: 4 });
    assert.deepEqual(await addresses(), [first.window.address, second.window.address]);
    assert.equal((await find())[0]?.secret, first.window.secret);
  });

  it('[E2] is of the user alone, and so is each record', async () => {
    await announce(1);
    assert.equal(statSync(directory()).mode & 0o777, 0o700);
    for (const file of files()) assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('[E2] has nothing of a window that was closed, also where it writes its record at that moment', async () => {
    const { record, window } = await announce(1);
    record.remove();
    assert.deepEqual(await find(), []);
    await record.write(window);
    assert.deepEqual(readdirSync(directory()), []);
    const other = createWindowRecord(directory(), noLog);
    const writing = other.write(window);
    other.remove();
    await writing;
    assert.deepEqual(readdirSync(directory()), []);
  });

  it('[E2] is tidied of windows that ended without a word', async () => {
    const { window } = await announce(1);
    const [file = ''] = files();
    const gone = spawn(process.execPath, ['-e', '']);
    await once(gone, 'exit');
    const record = JSON.parse(readFileSync(file, 'utf8')) as object;
    const stale = join(directory(), `${'0'.repeat(24)}.json`);
    writeFileSync(stale, JSON.stringify({ ...record, pid: gone.pid, focusedAt: 9 }), { mode: 0o600 });
    assert.deepEqual(
      (await find()).map(({ address }) => address),
      [window.address],
    );
    assert.equal(existsSync(stale), false);
  });

  it('[E2] skips a window of another machine with the same home directory, and leaves its record there', async () => {
    await announce(1);
    const [file = ''] = files();
    const record = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...record, host: 'elsewhere', pid: 4_194_304 }), { mode: 0o600 });
    assert.deepEqual(await find(), []);
    assert.equal(existsSync(file), true);
  });

  it('[E2] skips a window whose socket is gone', async () => {
    const { host } = await announce(1);
    await host.dispose();
    assert.deepEqual(await find(), []);
  });

  it('[E2] skips what is no record, and says nothing of what is in it', async () => {
    const { window } = await announce(1);
    const log = memoryLog();
    const put = (name: string, text: string) => {
      writeFileSync(join(directory(), name), text, { mode: 0o600 });
    };
    put(`${'1'.repeat(24)}.json`, '{"secret":"hidden');
    put(`${'2'.repeat(24)}.json`, '{"version":2}');
    put(`${'3'.repeat(24)}.json`, JSON.stringify({ ...window, padding: 'x'.repeat(20_000) }));
    put('notes.txt', 'nothing');
    mkdirSync(join(directory(), `${'4'.repeat(24)}.json`));
    assert.deepEqual(
      (await find(editor, log)).map(({ address }) => address),
      [window.address],
    );
    assert.doesNotMatch(log.lines.join('\n'), /hidden/);
    assert.equal(files().length, 6);
  });

  const plantedRecords: Record<string, (file: string) => void> = {
    'is somebody else’s': file => {
      chownSync(file, stranger, stranger);
    },
    'is a link': file => {
      renameSync(file, `${file}.moved`);
      symlinkSync(`${file}.moved`, file);
    },
    'has a second name': file => {
      linkSync(file, `${file}.second`);
    },
    'others can write': file => {
      chmodSync(file, 0o666);
    },
  };
  for (const [what, plant] of Object.entries(plantedRecords)) {
    itNeeds(['root'], `[E2] does not believe a record that ${what}, and does not remove it`, async () => {
      await announce(1);
      const [file = ''] = files();
      plant(file);
      assert.deepEqual(await find(), []);
      assert.equal(existsSync(file), true);
    });
  }

  itNeeds(['root'], '[E2] does not lead to a socket of somebody else’s', async () => {
    const { window } = await announce(1);
    chownSync(window.address, stranger, stranger);
    assert.deepEqual(await find(), []);
    chownSync(window.address, 0, 0);
    chownSync(dirname(window.address), stranger, stranger);
    assert.deepEqual(await find(), []);
    chownSync(dirname(window.address), 0, 0);
    assert.equal((await find()).length, 1);
  });

  for (const [what, { plant, says, needs }] of Object.entries(plantedDirectories)) {
    itNeeds(needs, `[E2] is neither read nor written where ${what} is in its place`, async () => {
      plant(directory());
      await assert.rejects(find(), says);
      await assert.rejects(announce(1), says);
    });
  }

  it('[E2] need not be there', async () => {
    assert.deepEqual(await find(), []);
    assert.equal(existsSync(directory()), false);
  });
});
