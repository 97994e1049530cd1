import assert from 'node:assert/strict';
import { grep } from '../../src/server/grep.ts';
import { createTurns } from '../../src/server/turns.ts';
import type { Lesson } from '../../src/store/lesson.ts';
import { callOf, resultOf, useHttpApp } from './http/fixtures.ts';

const page = { limit: 10, offset: 0 };
const lesson = (lesson_learned: string): Lesson => ({
  id: lesson_learned.slice(0, 5),
  language: 'SQL',
  topic: 'FTS5',
  tags: [],
  created_at: '',
  updated_at: '',
  lesson_learned,
});
/** Takes longer than anybody waits, where it is matched. */
const endless = '^(a+)+$';
const trap = [lesson(`${'a'.repeat(40)}!`)];

describe('a search by a pattern', () => {
  const given = useHttpApp();

  it('that takes too long keeps nobody else waiting', async () => {
    const [ada, lin] = [await given.sign({ sub: 'auth0|ada' }), await given.sign({ sub: 'auth0|lin' })];
    const kept = { language: 'SQL', topic: 'x', lesson_learned: trap[0]?.lesson_learned };
    assert.equal((await given.app.fetch(callOf('add_lesson', kept, { token: ada }))).status, 200);
    let isOver = false;
    const search = given.app
      .fetch(callOf('grep_lessons', { pattern: endless }, { token: ada }))
      .then(answer => {
        isOver = true;
        return resultOf(answer);
      });
    let others = 0;
    while (!isOver) {
      assert.equal((await given.app.fetch(callOf('whoami', {}, { token: lin }))).status, 200);
      others++;
      await new Promise(setImmediate);
    }
    assert.match(JSON.stringify(await search), /takes too long/);
    assert.ok(others > 50, String(others));
  });

  it('is right after one that took too long, and one that is far too large', async () => {
    await assert.rejects(grep(trap, endless, false, page), /takes too long/);
    assert.equal((await grep(trap, '((((a{9999}){9999}){9999}){9999}){9999}', false, page)).total, 0);
    for (let i = 0; i < 3; i++) {
      const { items, total } = await grep([...trap, lesson('Quote it.')], 'QUOTE', true, page);
      assert.deepEqual([items.map(({ id }) => id), total], [['Quote'], 1]);
    }
    assert.equal((await grep([], 'x', true, page)).total, 0);
  });

  it('waits for others of its account, and not for all of another one', async () => {
    const turns = createTurns(2, 3);
    const order: string[] = [];
    const take = async (account: string) => {
      const end = await turns.take(account);
      order.push(end ? account : `${account} refused`);
      return end;
    };
    const ada = Array.from({ length: 6 }, () => take('ada'));
    const [lin, mia] = [take('lin'), take('mia')];
    await new Promise(setImmediate);
    assert.deepEqual(order.splice(0).sort(), ['ada', 'ada refused', 'ada refused', 'lin']);
    (await ada[0])?.();
    await new Promise(setImmediate);
    assert.deepEqual(order.splice(0), ['ada']);
    (await lin)?.();
    await new Promise(setImmediate);
    assert.deepEqual(order.splice(0), ['mia']);
    (await mia)?.();
    for (const each of ada.slice(1)) (await each)?.();
    await new Promise(setImmediate);
    assert.equal(await take('ada').then(end => typeof end), 'function');
  });
});
