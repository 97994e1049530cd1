import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { useUser } from '../tenant/useTenant.ts';
import { run, runWith, signIn, start, type Surroundings } from './fixtures.ts';
import { addRows, recordsIn, subOf, withRows } from './ownRows.ts';

describe('export and import', () => {
  const given = useUser();
  const here = (person?: Surroundings['person']): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    ...(person && { person }),
  });
  /** Another machine of somebody else's. */
  const there = (): Surroundings => ({
    ...here({ signUp: { name: 'Eve', email: 'eve@example.com', password: 'distaff-and-wheel' } }),
    directory: join(given.directory, 'there'),
  });
  /** What is said besides where one signs in. */
  const news = (said: string) => said.replace(/^omnispindle: You sign in at .*\n/, '');
  const path = (name: string) => join(given.directory, name);

  async function signedIn(surroundings = here(), rows = 3): Promise<string> {
    await signIn(surroundings);
    const sub = await subOf(surroundings);
    await withRows(surroundings, sub, store => addRows(store, rows));
    return sub;
  }

  it('take all of one account to another one on another machine, once however often', async () => {
    const sub = await signedIn();
    const exported = await run(here(), 'export', 'all.jsonl');
    assert.deepEqual([exported.code, news(exported.stderr)], [0, '']);
    assert.match(exported.stdout, /^Exported of ada@example.com: todos: 3, lessons: 3, log entries: 6\n$/);
    assert.equal(statSync(path('all.jsonl')).mode & 0o777, 0o600);
    assert.doesNotMatch(readFileSync(path('all.jsonl'), 'utf8'), /ada@example|auth0\||eyJ/);
    mkdirSync(there().directory);
    await signIn(there());
    const theirs = await subOf(there());
    assert.notEqual(theirs, sub);
    for (const counts of ['added: 12, there already: 0', 'added: 0, there already: 12']) {
      const { code, stdout, stderr } = await run(there(), 'import', path('all.jsonl'));
      assert.deepEqual([code, news(stderr), stdout], [0, '', `Imported for eve@example.com: ${counts}.\n`]);
    }
    const mine = await withRows(here(), sub, recordsIn);
    assert.equal(mine.length, 12);
    assert.deepEqual(await withRows(there(), theirs, recordsIn), mine);
    const { stdout } = await run(there(), 'import', path('all.jsonl'), '--json');
    assert.deepEqual(JSON.parse(stdout), {
      account: 'eve@example.com',
      added: 0,
      same: 12,
      newer: 0,
      older: 0,
    });
  });

  it('speak by pipes, and say on stderr what they have done', async () => {
    const sub = await signedIn();
    const exported = await run(here(), 'export');
    assert.equal(exported.code, 0);
    assert.match(news(exported.stderr), /^Exported of ada@example.com: todos: 3/);
    assert.equal(exported.stdout.trimEnd().split('\n').length, 14);
    const before = await withRows(here(), sub, recordsIn);
    const [, , first] = await withRows(here(), sub, async store => {
      for (const { id } of (await store.queryTodos({}, { limit: 9, offset: 0 })).items) {
        await store.deleteTodo(id);
      }
      return recordsIn(store);
    });
    assert.ok(first);
    const imported = await runWith(exported.stdout, here(), 'import');
    assert.match(imported.stdout, /added: 3, there already: 9\.\n$/);
    const after = await withRows(here(), sub, recordsIn);
    assert.deepEqual(
      after.filter(({ type }) => type !== 'log'),
      before.filter(({ type }) => type !== 'log'),
    );
    assert.match((await runWith(exported.stdout, here(), 'import', '-')).stdout, /added: 0/);
  });

  it('overwrite no file unless told to, follow no link, and leave nothing behind', async () => {
    await signedIn();
    writeFileSync(path('kept'), 'precious');
    mkdirSync(path('folder'));
    symlinkSync(path('kept'), path('link'));
    for (const [name, message] of [
      ['kept', /kept is there already.*--force/s],
      ['link', /link is there already/],
      ['folder', /folder could not be written \(EISDIR\)/],
      ['no/such/file', /could not be written \(ENOENT\)/],
    ] as const) {
      const { code, stderr, stdout } = await run(here(), 'export', name);
      assert.ok(code === 1 || code === 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, '');
    }
    assert.equal(readFileSync(path('kept'), 'utf8'), 'precious');
    for (const name of ['kept', 'link']) {
      if (name === 'link') writeFileSync(path('kept'), 'precious');
      assert.equal((await run(here(), 'export', name, '--force', '--json')).code, 0);
    }
    assert.equal(readFileSync(path('kept'), 'utf8'), 'precious');
    assert.match(readFileSync(path('link'), 'utf8'), /^\{"format":"omnispindle-export"/);
    assert.deepEqual(
      readdirSync(given.directory).filter(name => name.includes('.part')),
      [],
    );
  });

  it('touch nothing where a file is not whole, or another one, and say which line', async () => {
    const sub = await signedIn();
    await run(here(), 'export', 'all.jsonl');
    const text = readFileSync(path('all.jsonl'), 'utf8');
    await withRows(here(), sub, async store => {
      for await (const { id } of store.eachLesson()) await store.deleteLesson(id);
    });
    const lines = text.trimEnd().split('\n');
    for (const [content, message] of [
      [
        lines.slice(0, -1).join('\n'),
        /all\.jsonl: Its last line is missing: it was cut off after 3 todos, 3 less/,
      ],
      [text.slice(0, -40), /all\.jsonl: Line 14 is not a line of an export. It is not JSON/],
      [text.replace('"wool"', '7'), /all\.jsonl: Line 2 is not a line of an export. Its "project" is not as/],
      ['# Todos\n', /all\.jsonl: This is no export of Omnispindle/],
      [text.replace('"version":1', '"version":2'), /all\.jsonl: It is an export of version 2/],
    ] as const) {
      writeFileSync(path('all.jsonl'), content);
      const { code, stdout, stderr } = await run(here(), 'import', 'all.jsonl');
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr.replaceAll(/\s+/g, ' '), message);
    }
    assert.equal((await withRows(here(), sub, recordsIn)).length, 9);
    const gone = await run(here(), 'import', 'no.jsonl', '--json');
    assert.equal(gone.code, 1);
    assert.match(
      (JSON.parse(gone.stdout) as { error: string }).error,
      /no\.jsonl could not be read \(ENOENT\)/,
    );
    const piped = await runWith(lines.slice(0, -1).join('\n'), here(), 'import');
    assert.equal(piped.code, 1);
    assert.match(piped.stderr, /Its last line is missing/);
  });

  it('need somebody who is signed in, and ask nobody', async () => {
    for (const args of [['export'], ['import', 'x'], ['move', '--to', 'https://todos.example.com']]) {
      const { code, stderr } = await run(here(), ...args);
      assert.equal(code, 3);
      assert.match(stderr, /Nobody is signed in. Sign in with: omnispindle login/);
    }
    await signIn(here());
    const other = await run(here(), 'export', '--account', 'eve@example.com');
    assert.equal(other.code, 3);
    assert.match(other.stderr, /eve@example.com is not signed in/);
    const environment = await run(
      { ...here(), env: { AUTH0_TOKEN: await given.tenant.sign({ sub: 'auth0|x' }) } },
      'export',
    );
    assert.equal(environment.code, 0);
    assert.equal(environment.stdout.trimEnd().split('\n').length, 2);
  });

  it('stop with Ctrl-C without a file, and with a whole part', async () => {
    const sub = await signedIn(here(), 0);
    await withRows(here(), sub, async store => {
      await addRows(store, 1);
      const [log, , todo] = await recordsIn(store);
      assert.ok(log && todo);
      const notes = 'x'.repeat(20_000);
      for (let i = 0; i < 20; i++) {
        await store.importRecords(
          Array.from({ length: 200 }, (_, n) => ({ ...todo, notes, id: `${String(i)} ${String(n)}` })),
        );
      }
    });
    const exporting = start(here(), 'export', 'all.jsonl');
    const parts = () => readdirSync(given.directory).filter(name => name.endsWith('.part'));
    while (parts().length === 0) await new Promise(resolve => setTimeout(resolve, 2));
    process.kill(exporting.pid, 'SIGINT');
    const { code, stderr } = await exporting.ended;
    assert.deepEqual([code, parts()], [130, []]);
    assert.match(stderr, /The export was stopped, and no file was written\./);
    assert.ok(!readdirSync(given.directory).includes('all.jsonl'));
    assert.equal((await run(here(), 'export', 'all.jsonl')).code, 0);
    const importing = start(here(), 'import');
    importing.stdin.on('error', () => undefined);
    importing.stdin.write(readFileSync(path('all.jsonl'), 'utf8').slice(0, -10));
    process.kill(importing.pid, 'SIGINT');
    importing.stdin.end();
    const stopped = await importing.ended;
    assert.ok(stopped.code !== 0);
    appendFileSync(path('all.jsonl'), '\n\n');
    assert.match((await run(here(), 'import', 'all.jsonl')).stdout, /added: 0, there already: 4004\./);
  });
});
