import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StoreError } from '../../src/store/storeError.ts';
import { searchWords, wordsOf } from '../../src/store/words.ts';

describe('the words of a search', () => {
  for (const [name, typed, words] of [
    ['repeated', 'a '.repeat(249), ['a']],
    ['in another case', 'Spin SPIN spin', ['spin']],
    ['with and without accents', 'résumé Resume RÉSUMÉ', ['resume']],
    ['with accents that stand alone', 'résumé'.normalize('NFD'), ['resume']],
    ['with several accents on one letter', 'Việt viet', ['viet']],
    ['joined by what is no letter', 'a_a_a-a.a"a', ['a']],
    ['in the order they were typed', 'wool blue wool', ['wool', 'blue']],
    ['with a letter that has no capital of its own', 'straße STRASSE', ['strasse']],
    ['with a letter that looks different at the end', 'ΟΔΟΣ οδοσ οδός', ['οδοσ']],
    ['of another width', 'ｗｏｏｌ wool', ['wool']],
    ['of Hangul', '한글', ['한글']],
    ['of Devanagari, with its vowels', 'हिन्दी', ['हिन्दी']],
  ] as const) {
    it(`[T14] count once where they are ${name}`, () => {
      assert.deepEqual(wordsOf(typed), words);
    });
  }

  it('must all be there, the last one only as the beginning of a word', () => {
    assert.deepEqual(searchWords('Blue wool, bob'), { whole: ['blue', 'wool'], prefix: 'bob' });
    assert.deepEqual(searchWords('wool wool'), { whole: ['wool'], prefix: 'wool' });
  });

  it('[T14] are 16 at most, however they are joined, and the error says so', () => {
    const words = Array.from({ length: 17 }, (_, i) => `w${String(i)}`);
    assert.equal(searchWords(words.slice(1).join(' ')).whole.length, 15);
    for (const between of [' ', '_', '😀']) {
      assert.throws(
        () => searchWords(words.join(between)),
        error => error instanceof StoreError && /17 different words.*16/.test(error.message),
      );
    }
  });

  it('are known by their first 64 characters, so that none is larger than an index takes', () => {
    assert.deepEqual(wordsOf('x'.repeat(100_000)), ['x'.repeat(64)]);
  });

  it('hold letters, marks and digits alone, whatever is typed, and are found again by themselves', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        for (const word of wordsOf(text)) {
          assert.match(word, /^[\p{L}\p{M}\p{N}\p{Co}]+$/u);
          assert.deepEqual(wordsOf(word), [word]);
        }
      }),
      { numRuns: 500 },
    );
  });
});
