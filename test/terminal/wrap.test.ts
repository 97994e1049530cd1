import assert from 'node:assert/strict';
import { wrap } from '../../src/terminal/wrap.ts';

describe('a text that is wrapped', () => {
  for (const [what, text, expected] of [
    ['ends lines at spaces', 'one two three four five', 'one two three\nfour five'],
    ['keeps what begins a line', '  one two three four', '  one two\n  three four'],
    ['goes on below the text of a mark', '✔ one two three four', '✔ one two\n  three four'],
    [
      'breaks no address',
      'at https://tenant.example/authorize now',
      'at\nhttps://tenant.example/authorize\nnow',
    ],
    ['breaks no command', 'Run: omnispindle login --account a', 'Run:\nomnispindle login --account a'],
    ['breaks no command in quotes', 'Run "omnispindle help x", then', 'Run\n"omnispindle help x",\nthen'],
    ['counts no colour', '\u001b[32mone two three\u001b[39m', '\u001b[32mone two three\u001b[39m'],
    ['keeps spaces that no line ends at', 'one\u00a0two three four', 'one\u00a0two three\nfour'],
  ] as const) {
    it(`[F7] ${what}`, () => {
      assert.equal(wrap(text, 14), expected);
    });
  }

  for (const [what, text, expected] of [
    ['counts two columns for a wide character', '一二三 abc defg', '一二三 abc\ndefg'],
    ['breaks between wide characters', '一二三四五六七八九', '一二三四五六七\n八九'],
    ['fills the line before it breaks there', 'ab 一二三四五六七', 'ab 一二三四五\n六七'],
    ['begins no line with a closing mark', '一二三四五六七。八', '一二三四五六\n七。八'],
    ['begins no line with two closing marks', '一二三四五六」。八', '一二三四五\n六」。八'],
    ['begins no line with a mark of ASCII', '一二三四五六七, 八', '一二三四五六\n七, 八'],
    ['begins no line with a small kana', 'あいうえおかしょう', 'あいうえおか\nしょう'],
    ['ends no line with an opening mark', '一二三四五六「七八」', '一二三四五六\n「七八」'],
    ['keeps a word among wide characters', '一二三四MCP五六七八', '一二三四MCP五\n六七八'],
    ['moves a word among wide characters', '一二三四五server六', '一二三四五\nserver六'],
    [
      'breaks no command among them',
      '次は omnispindle login --account a を',
      '次は\nomnispindle login --account a\nを',
    ],
    [
      'breaks no address among them',
      '次はhttps://a.example/mcpを開く',
      '次は\nhttps://a.example/mcp\nを開く',
    ],
    ['breaks no path that has them', '次は /家/一二三四五六七八 です', '次は\n/家/一二三四五六七八\nです'],
    [
      'breaks no path that ends in ASCII',
      '次は /家/一二三四五六/.envです',
      '次は\n/家/一二三四五六/.env\nです',
    ],
    [
      'breaks after a mark, before a command in quotes',
      '次に。"omnispindle run"',
      '次に。\n"omnispindle run"',
    ],
    ['breaks after a mark that follows an address', 'http://a.b/c；CALL', 'http://a.b/c；\nCALL'],
    ['breaks after a mark that follows a path', '/a/bcd/efgh。それ', '/a/bcd/efgh。\nそれ'],
    ['begins below the text of a mark', '✔ 一二三四五六七', '✔ 一二三四五六\n  七'],
    ['counts no column for an accent', 'a\u0301bc e\u0301fg hi\u0301jkl', 'a\u0301bc e\u0301fg hi\u0301jkl'],
    [
      'counts no colour of wide ones',
      '\u001b[32m一二三四五六七\u001b[39m',
      '\u001b[32m一二三四五六七\u001b[39m',
    ],
    [
      'keeps the colour with its character',
      '\u001b[32m一二三四五六七\u001b[39m八',
      '\u001b[32m一二三四五六七\u001b[39m\n八',
    ],
  ] as const) {
    it(`[F8] ${what}`, () => {
      assert.equal(wrap(text, 14), expected);
    });
  }
});
