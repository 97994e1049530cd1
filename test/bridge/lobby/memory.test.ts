import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createListMemory } from '../../../src/bridge/lobby/memory.ts';
import { memoryLog, useDirectory } from '../../auth/fixtures.ts';

const tool = (name: string, more: object = {}) => ({ name, ...more });
const listed = (...names: string[]) => ({ lists: { 'tools/list': names.map(name => tool(name)) } });

describe('the memory of what servers list', () => {
  const here = useDirectory();
  const directory = () => join(here.path, 'servers');
  const memory = (...server: unknown[]) => createListMemory({ server, directory, log: memoryLog() });
  const files = () => readdirSync(directory()).filter(name => name.startsWith('lists-'));
  const file = () => join(directory(), files()[0]!);

  async function remember(
    account: string,
    known: Parameters<ReturnType<typeof memory>['add']>[1],
    ...server: unknown[]
  ) {
    const made = memory(...server);
    made.add(account, known);
    await made.flush();
  }

  it('[E1] outlives the process, for each server and each account', async () => {
    await remember('ada', listed('write'), 'connect', 'https://a.example/mcp?key=secret');
    await remember('ada', listed('read'), 'run', 'node', ['notes.js']);
    const there = memory('connect', 'https://a.example/mcp?key=secret');
    assert.deepEqual((await there.get('ada'))?.lists['tools/list'], [tool('write')]);
    assert.equal(await there.get('grace'), undefined);
    assert.equal(await memory('connect', 'https://a.example/mcp').get('ada'), undefined);
    assert.ok(!readFileSync(file(), 'utf8').includes('ada'));
    assert.ok(!files().join().includes('secret'));
  });

  it('[E1] knows which account was there last, and keeps what was not said again', async () => {
    await remember('ada', {
      initialized: { instructions: 'Hello.' },
      lists: { 'tools/list': [tool('write')] },
    });
    await remember('grace', listed('read'));
    assert.deepEqual((await memory().get(undefined))?.lists['tools/list'], [tool('read')]);
    await remember('ada', { lists: { 'prompts/list': [tool('sum up')] } });
    assert.deepEqual(await memory().get(undefined), {
      initialized: { instructions: 'Hello.' },
      lists: { 'tools/list': [tool('write')], 'prompts/list': [tool('sum up')] },
    });
    await remember('ada', listed());
    assert.deepEqual((await memory().get('ada'))?.lists['tools/list'], []);
  });

  it('[E1] is known to this process before it is written, and is written soon', async () => {
    const made = memory();
    made.add('ada', listed('write'));
    assert.deepEqual((await made.get('ada'))?.lists['tools/list'], [tool('write')]);
    assert.deepEqual((await made.get(undefined))?.lists['tools/list'], [tool('write')]);
    while ((await memory().get('ada')) === undefined) await new Promise(resolve => setTimeout(resolve, 20));
  });

  it('[E1] keeps no secret that a server lets out', async () => {
    const token = `ey${'J'.repeat(30)}.${'e'.repeat(60)}.${'s'.repeat(40)}`;
    await remember('ada', {
      lists: { 'tools/list': [tool('write', { description: `Uses Bearer ${token}.` })] },
    });
    assert.ok(!readFileSync(file(), 'utf8').includes('eeee'));
  });

  it('[E1] is readable for the user alone, and nothing in a directory of somebody else is believed', async () => {
    await remember('ada', listed('write'));
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.equal(statSync(directory()).mode & 0o777, 0o700);
    chmodSync(directory(), 0o777);
    assert.equal(await memory().get('ada'), undefined);
  });

  it('[E1] believes no link, and nothing that is not of its shape', async () => {
    await remember('ada', listed('write'));
    const path = file();
    const good = readFileSync(path, 'utf8');
    for (const bad of [
      '',
      '{',
      '[]',
      '{"version":2,"accounts":[]}',
      good.replace('"write"', '3').replace('[{', '[[{').replace('}]', '}]]'),
    ]) {
      writeFileSync(path, bad);
      assert.equal(await memory().get('ada'), undefined, bad);
    }
    writeFileSync(join(here.path, 'elsewhere'), good);
    symlinkSync(join(here.path, 'elsewhere'), join(directory(), 'link'));
    const { renameSync } = await import('node:fs');
    renameSync(join(directory(), 'link'), path);
    assert.equal(await memory().get('ada'), undefined);
  });

  it('[E1] is limited in size, in accounts and in servers', async () => {
    for (let i = 0; i < 10; i++) await remember(`account ${String(i)}`, listed('write'));
    assert.equal(await memory().get('account 1'), undefined);
    assert.ok(await memory().get('account 2'));
    const long = { lists: { 'tools/list': [tool('write', { description: 'x'.repeat(3 * 1024 * 1024) })] } };
    await remember('account 9', long);
    assert.ok(statSync(file()).size < 2 * 1024 * 1024);
    assert.equal(await memory().get('account 9'), undefined);
    mkdirSync(directory(), { recursive: true });
    for (let i = 0; i < 120; i++) {
      const path = join(directory(), `lists-${String(i).padStart(43, 'x')}.json`);
      writeFileSync(path, '{}', { mode: 0o600 });
      utimesSync(path, i + 1, i + 1);
    }
    await remember('ada', listed('write'), 'another');
    assert.equal(files().length, 100);
    assert.ok(await memory('another').get('ada'));
  });

  it('[E1] writes nothing where nothing is new', async () => {
    await remember('ada', listed('write'));
    const before = statSync(file()).mtimeMs;
    await new Promise(resolve => setTimeout(resolve, 20));
    await remember('ada', listed('write'));
    assert.equal(statSync(file()).mtimeMs, before);
  });
});
