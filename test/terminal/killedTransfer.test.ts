import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { useUser } from '../tenant/useTenant.ts';
import { run, signIn, start, type Surroundings } from './fixtures.ts';
import { addRows, recordsIn, subOf, withRows } from './ownRows.ts';

describe('an import that is killed', () => {
  const given = useUser();
  const here = (): Surroundings => ({ tenant: given.tenant, directory: given.directory });

  it('loses and doubles nothing, wherever it was, once it has run to its end', async () => {
    await signIn(here());
    const sub = await subOf(here());
    const records = await withRows(here(), sub, async store => {
      await addRows(store, 600);
      return recordsIn(store);
    });
    await run(here(), 'export', 'all.jsonl');
    await withRows(here(), sub, async store => {
      for (const { type, id } of records) {
        if (type === 'todo') await store.deleteTodo(id);
        if (type === 'lesson') await store.deleteLesson(id);
      }
    });
    const left = () => withRows(here(), sub, async store => (await recordsIn(store)).filter(isRow));
    const isRow = ({ type }: { type: string }) => type !== 'log';
    let killed = 0;
    for (let wait = 150; killed < 12; killed++, wait += 40) {
      const importing = start(here(), 'import', join(given.directory, 'all.jsonl'));
      await delay(wait);
      try {
        process.kill(importing.pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
      if ((await importing.ended).signal !== 'SIGKILL') break;
      const found = await left();
      assert.equal(new Set(found.map(({ type, id }) => `${type} ${id}`)).size, found.length);
    }
    assert.ok(killed > 0);
    assert.equal((await run(here(), 'import', 'all.jsonl')).code, 0);
    assert.deepEqual(await left(), records.filter(isRow));
    assert.match((await run(here(), 'import', 'all.jsonl')).stdout, /added: 0, there already: 2400\./);
  });
});
