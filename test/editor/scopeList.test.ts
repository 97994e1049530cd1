import assert from 'node:assert/strict';
import { announcedAs, readScopeList } from '../../src/editor/scopeList.ts';

const api = 'https://api.example/';
const notes = 'https://notes.example/mcp';

describe('a list of scopes in the editor', () => {
  it('selects an API by "audience:", which is no scope itself', () => {
    assert.deepEqual(readScopeList(['b', `audience:${notes}`, 'a'], api), {
      audience: notes,
      scopes: ['b', 'a'],
    });
    assert.deepEqual(readScopeList([], api), { scopes: [] });
    assert.deepEqual(readScopeList([`audience:${api}`, 'a'], api), { scopes: ['a'] });
  });

  it('names one API, once: all else is refused with what to write', () => {
    for (const list of [
      ['audience:'],
      ['audience:  '],
      ['audience:a', 'audience:b'],
      [`audience:${'a'.repeat(2_049)}`],
    ]) {
      assert.throws(
        () => readScopeList(list, api),
        /for one API: name it once.*"audience:" with its identifier/,
      );
    }
    assert.deepEqual(readScopeList(['audience:a', 'audience:a'], api), { audience: 'a', scopes: [] });
  });

  it('is announced as the editor compares it', () => {
    for (const list of [[], ['a'], ['b', 'a'], ['a b']]) {
      // VS Code, AuthenticationExtensionsService: an earlier one compared the text, that of 1.139 compares the parts.
      const key = list.join(' ');
      const announced = announcedAs(list);
      assert.ok(announced.some(scopes => scopes.join(' ') === key));
      assert.ok(announced.some(scopes => JSON.stringify(scopes) === JSON.stringify(key.split(' '))));
      assert.ok(announced.includes(list));
    }
  });
});
