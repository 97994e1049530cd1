import assert from 'node:assert/strict';
import { languageAccepted, languageOf, languages } from '../../src/common/languages.ts';

describe('[F8] the language of a person', () => {
  it('is each of ours by its own name', () => {
    assert.deepEqual(languages.map(languageOf), languages);
  });

  for (const [tag, expected] of [
    ['de_AT', 'de'],
    ['es-419', 'es'],
    ['fr_CA.UTF-8@euro', 'fr'],
    ['ja-JP-u-ca-japanese', 'ja'],
    ['PT', 'pt-br'],
    ['zh-Hans-CN', 'zh-cn'],
    ['zh-SG', 'zh-cn'],
    ['zh-Hans-TW', 'zh-cn'],
    ['zh-Hant-CN', undefined],
    ['zh_MO', undefined],
    ['en-DE', 'en'],
    ['gsw', undefined],
    ['den', undefined],
    ['de/../en', undefined],
    ['C', undefined],
    ['', undefined],
  ] as const) {
    it(`is ${expected ?? 'none of ours'} by the tag "${tag}"`, () => {
      assert.equal(languageOf(tag), expected);
    });
  }

  for (const [header, expected] of [
    ['ja,en-US;q=0.9', 'ja'],
    ['en-US,ja;q=0.9', 'en'],
    ['en;q=0.5, ja;q=0.8', 'ja'],
    ['nl, fr;q=0.3', 'fr'],
    ['zh-TW,zh;q=0.9', 'zh-cn'],
    ['ja;q=0, de;q=0.1', 'de'],
    ['ja;q=x', undefined],
    ['nl, *;q=0.5', undefined],
    [';;,,', undefined],
    [undefined, undefined],
  ] as const) {
    it(`is ${expected ?? 'none of ours'} where the browser accepts "${header ?? 'nothing'}"`, () => {
      assert.equal(languageAccepted(header), expected);
    });
  }
});
