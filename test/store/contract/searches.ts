import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StoreError } from '../../../src/store/storeError.ts';
import { page, type Given } from './setup.ts';

/** What a search finds, and what of it comes first. */
export function searchesOfStore({ ada, tick, add, learn, found }: Given): void {
  it('finds what has all the words, whatever their case and accents, the last as the beginning of one', async () => {
    await add('Send the Résumé', { notes: 'to the weaver', tags: ['urgent'], ticket: 'W-17' });
    for (const words of [
      'resume',
      'RÉSUM',
      'the résumé weav',
      'urg',
      'wool',
      'w 17',
      'send urgent wea',
      'to 1',
    ]) {
      assert.equal((await found(words)).length, 1, words);
    }
    for (const words of ['resum weaver', 'esume', 'send silk', 'resume w17']) {
      assert.equal((await found(words)).length, 0, words);
    }
    await add('Internationalization, Donaudampfschifffahrtsgesellschaft');
    for (const words of [
      'internationaliz',
      'internationalization',
      'donaudampfschifffahrtsgesellschaft',
      'donaudampfschiff',
    ]) {
      assert.equal((await found(words)).length, 1, words);
    }
    assert.equal((await found('internationalizations')).length, 0);
  });

  it('takes nothing that is typed for syntax', async () => {
    await add('Wind the "blue" bobbin AND rest');
    assert.deepEqual(await found('"blue" bob'), ['Wind the "blue" bobbin AND rest']);
    assert.deepEqual(await found('blue NOT bobbin'), []);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async words => {
        try {
          await ada.searchTodos(words, page);
        } catch (error) {
          assert.ok(error instanceof StoreError && error.code === 'invalid_query', String(error));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('ranks by the weightiest field that has one of the words, then what was added last', async () => {
    const heading = await add('Bobbin');
    await add('in the notes', { notes: 'bobbin' });
    await add('in a tag', { tags: ['bobbin'] });
    await add('in the project', { project: 'bobbin' });
    await add('in the ticket', { ticket: 'bobbin-7' });
    await add('Bobbins and more');
    assert.deepEqual(await found('bobbin'), [
      'Bobbins and more',
      'Bobbin',
      'in the ticket',
      'in the project',
      'in a tag',
      'in the notes',
    ]);
    assert.deepEqual(await found('wool bobbin'), [
      'Bobbins and more',
      'Bobbin',
      'in the ticket',
      'in a tag',
      'in the notes',
    ]);
    tick();
    await ada.updateTodo(heading.id, { description: 'Spool', notes: 'bobbin' });
    assert.deepEqual((await found('bobbin')).at(-1), 'Spool');
    assert.deepEqual(await found('spool'), ['Spool']);
    await ada.updateTodo(heading.id, { status: 'review' });
    assert.deepEqual(await found('spool'), ['Spool']);
    await ada.deleteTodo(heading.id);
    assert.deepEqual(await found('spool'), []);
  });

  it('ranks lessons by topic, then language and tags, then text', async () => {
    await learn('WAL');
    await learn('a', { tags: ['wal'] });
    await learn('b', { language: 'WAL' });
    await learn('c', { lesson_learned: 'wal' });
    const topics = async (words: string) =>
      (await ada.searchLessons(words, page)).items.map(one => one.topic);
    assert.deepEqual(await topics('wal'), ['WAL', 'b', 'a', 'c']);
    await ada.updateLesson('id 4', { topic: 'wal' });
    assert.deepEqual(await topics('wal'), ['wal', 'WAL', 'b', 'a']);
    assert.equal(await ada.deleteLesson('id 1'), true);
    assert.deepEqual(await topics('wal'), ['wal', 'b', 'a']);
  });
}
