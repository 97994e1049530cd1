import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createEraMemory } from '../../../../src/bridge/remote/eras/memory.ts';
import { memoryLog, useDirectory } from '../../../auth/fixtures.ts';
import { itNeeds } from '../../../needs.ts';

const day = 86_400_000;

describe('[eras] the memory of which revision a server speaks', () => {
  const here = useDirectory();
  const directory = () => join(here.path, 'servers');
  const file = () => join(directory(), 'eras.json');
  const memory = (url = 'https://a.example/mcp?key=secret') =>
    createEraMemory({ url: new URL(url), directory, log: memoryLog() });

  /** Changes when everything was found. */
  function age(by: number): void {
    const entries = JSON.parse(readFileSync(file(), 'utf8')) as Record<string, { era: string; at: number }>;
    for (const entry of Object.values(entries)) entry.at -= by;
    writeFileSync(file(), JSON.stringify(entries), { mode: 0o600 });
  }

  it('outlives the process, for each address and each era of clients', async () => {
    await memory().set('modern', 'modern');
    await memory().set('legacy', 'modern');
    await memory('https://b.example/').set('modern', 'legacy');
    assert.equal(await memory().get('modern'), 'modern');
    assert.equal(await memory('https://a.example/mcp').get('modern'), undefined);
    assert.equal(await memory('https://b.example/').get('modern'), 'legacy');
    assert.equal(await memory('https://b.example/').get('legacy'), undefined);
  });

  it('forgets', async () => {
    await memory().set('modern', 'legacy');
    await memory().set('modern', undefined);
    assert.equal(await memory().get('modern'), undefined);
  });

  it('forgets an older revision after a day, and a newer one after a month', async () => {
    await memory().set('modern', 'legacy');
    age(day);
    assert.equal(await memory().get('modern'), undefined);
    await memory().set('modern', 'modern');
    age(29 * day);
    assert.equal(await memory().get('modern'), 'modern');
    age(day);
    assert.equal(await memory().get('modern'), undefined);
    await memory().set('modern', 'modern');
    age(-2 * day);
    assert.equal(await memory().get('modern'), undefined);
  });

  it('keeps no address, is readable for the user alone, and is limited in size', async () => {
    for (let at = 0; at < 230; at++) {
      await memory(`https://a.example/${String(at)}?key=secret`).set('modern', 'modern');
    }
    const text = readFileSync(file(), 'utf8');
    assert.doesNotMatch(text, /example|secret/);
    assert.equal(Object.keys(JSON.parse(text) as object).length, 200);
    assert.equal(await memory('https://a.example/229?key=secret').get('modern'), 'modern');
    assert.equal(await memory('https://a.example/0?key=secret').get('modern'), undefined);
    if (process.platform !== 'win32') {
      assert.equal(statSync(file()).mode & 0o777, 0o600);
      assert.equal(statSync(directory()).mode & 0o777, 0o700);
    }
  });

  it('is empty where the file is nonsense, too large, or somebody else’s, and remembers for this process', async () => {
    const spoils: Record<string, () => void> = {
      nonsense: () => {
        writeFileSync(file(), '[{"era":', { mode: 0o600 });
      },
      'other shapes': () => {
        writeFileSync(file(), '{"a":{"era":"new","at":1},"b":7}', { mode: 0o600 });
      },
      'too large': () => {
        writeFileSync(file(), ' '.repeat(100_000), { mode: 0o600 });
      },
    };
    mkdirSync(directory(), { mode: 0o700 });
    for (const [what, spoil] of Object.entries(spoils)) {
      spoil();
      const known = memory();
      assert.equal(await known.get('modern'), undefined, what);
      await known.set('modern', 'legacy');
      assert.equal(await known.get('modern'), 'legacy', what);
    }
  });

  itNeeds(
    ['a POSIX system'],
    'believes nothing in a directory that others can write, or a link stands for',
    async () => {
      await memory().set('modern', 'modern');
      const written = readFileSync(file(), 'utf8');
      chmodSync(directory(), 0o777);
      assert.equal(await memory().get('modern'), undefined);
      chmodSync(directory(), 0o700);
      const link = join(here.path, 'link');
      symlinkSync(directory(), link);
      const linked = createEraMemory({
        url: new URL('https://a.example/mcp?key=secret'),
        directory: () => link,
        log: memoryLog(),
      });
      assert.equal(await linked.get('modern'), undefined);
      await linked.set('modern', 'legacy');
      assert.equal(readFileSync(file(), 'utf8'), written);
    },
  );

  it('is for this process only where the user has no directory', async () => {
    const known = createEraMemory({
      url: new URL('https://a.example/'),
      directory: () => {
        throw new Error('No home.');
      },
      log: memoryLog(),
    });
    await known.set('modern', 'legacy');
    assert.equal(await known.get('modern'), 'legacy');
    assert.ok(!existsSync(directory()));
  });
});
