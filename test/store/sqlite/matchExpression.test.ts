import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openDatabase, type Database } from '../../../src/store/sqlite/database.ts';
import { matchExpression } from '../../../src/store/sqlite/matchExpression.ts';
import { StoreError } from '../../../src/store/store.ts';
import { useDirectory } from '../../auth/fixtures.ts';

describe('the words of a search', () => {
  const directory = useDirectory();
  let database: Database;
  beforeEach(() => {
    database = openDatabase(join(directory.path, 'omnispindle.db'));
  });
  afterEach(() => {
    database.close();
  });

  for (const [name, typed, expression] of [
    ['repeated', 'a '.repeat(249), '"a"*'],
    ['in another case', 'Spin SPIN spin', '"spin"*'],
    ['with and without accents', 'résumé Resume RÉSUMÉ', '"resume"*'],
    ['with accents that stand alone', 'résumé'.normalize('NFD'), '"resume"*'],
    ['joined by what is no letter', 'a_a_a-a.a"a', '"a"*'],
    ['in the order they were typed', 'wool blue wool', '"wool"* "blue"*'],
  ] as const) {
    it(`[T14] count once where they are ${name}`, () => {
      assert.equal(matchExpression(database, typed), expression);
    });
  }

  it('[T14] are 16 at most, however they are joined, and the error says so', () => {
    const words = Array.from({ length: 17 }, (_, i) => `w${String(i)}`);
    assert.equal(matchExpression(database, words.slice(1).join(' ')).split(' ').length, 16);
    for (const between of [' ', '_', '😀']) {
      assert.throws(
        () => matchExpression(database, words.join(between)),
        error => error instanceof StoreError && /17 different words.*16/.test(error.message),
      );
    }
  });

  it('[T14] leave nothing behind', () => {
    matchExpression(database, 'secret');
    assert.deepEqual(database.all('SELECT * FROM temp.typed'), []);
  });
});
