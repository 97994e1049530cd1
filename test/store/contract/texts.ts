import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { namesOf, page, type Given } from './setup.ts';

/** Hexadecimal digits that nothing makes shorter. */
const random = (length: number) => randomBytes(length / 2).toString('hex');

/** That texts of every kind and length are kept, found and told apart. */
export function textsOfStore({ ada, add, learn, found }: Given): void {
  it('keeps every character, and lists and filters by it', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc.oneof(text, fc.constantFrom('\0', '\u0001', '\0\u0001', '\u0001\u0001', '\u0001\u0002')),
          {
            minLength: 1,
            maxLength: 8,
          },
        ),
        async texts => {
          const ids: string[] = [];
          for (const one of texts) {
            const { id, ...todo } = await add(one, {
              project: one,
              ticket: one,
              target_agent: one,
              notes: one,
              tags: [one],
              metadata: { [one]: one },
              comment: one,
            });
            ids.push(id);
            assert.deepEqual(await ada.getTodo(id), { id, ...todo });
            for (const field of ['project', 'ticket', 'target_agent']) {
              assert.deepEqual(namesOf(await ada.queryTodos({ [field]: one }, page)), [one]);
            }
            assert.equal((await ada.queryLogs({ todo_id: id, project: one }, page)).total, 1);
            const lesson = await learn(one, { language: one, lesson_learned: one, tags: [one] });
            assert.deepEqual((await ada.listLessons({ language: one, topic: one }, page)).items, [lesson]);
            assert.equal(await ada.deleteLesson(lesson.id), true);
          }
          const bytes = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
          const { items } = await ada.listProjects(page);
          assert.deepEqual(
            items.map(({ project }) => project),
            bytes,
          );
          for (const id of ids) await ada.deleteTodo(id);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('tells long names apart that begin alike, and finds them by any filter', async () => {
    const beginning = random(60_000);
    const [one, other] = [`${beginning}1`, `${beginning}2`];
    for (const name of [one, other]) {
      await add(name.slice(-1), { project: name, ticket: name, target_agent: name });
      await learn(name, { language: name });
    }
    for (const field of ['project', 'ticket', 'target_agent']) {
      assert.deepEqual(namesOf(await ada.queryTodos({ [field]: other }, page)), ['2']);
      assert.deepEqual(namesOf(await ada.queryTodos({ [field]: beginning }, page)), []);
    }
    assert.deepEqual(
      (await ada.listProjects(page)).items.map(({ project, todos }) => [project.slice(-1), todos]),
      [
        ['1', 1],
        ['2', 1],
      ],
    );
    const [first] = (await ada.queryTodos({ project: one }, page)).items;
    await ada.updateTodo(first!.id, { project: other });
    assert.deepEqual((await ada.listProjects(page)).items, [{ project: other, todos: 2, open: 2 }]);
    assert.equal((await ada.listLessons({ language: one, topic: one }, page)).total, 1);
    assert.equal((await ada.queryLogs({ project: other }, page)).total, 2);
  });

  it('finds a text by its first word and its last, however many it has and however long they are', async () => {
    const long = random(3_000);
    const words = Array.from({ length: 9_000 }, (_, i) => `w${i.toString(36)}`);
    await add('Spin', { notes: [long, ...words].join(' ') });
    await learn('FTS5', {
      lesson_learned: Array.from({ length: 8_000 }, (_, i) => `字${i.toString(36)}`).join('、'),
    });
    for (const typed of [long, long.slice(0, 64), `${long.slice(0, 64)} w0`, 'w0 w6xy', 'spin w6xz']) {
      assert.deepEqual(await found(typed), ['Spin'], typed);
    }
    assert.deepEqual(await found(`${long.slice(0, 63)}x`), []);
    assert.equal((await ada.searchLessons('字0 字667', page)).total, 1);
  });
}
