import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AuthError } from '../../src/auth/authError.ts';
import { plainJson, plainLine, plainText } from '../../src/common/plainText.ts';

/** What no text of ours may hold, wherever it goes: written out here, not taken from what is tested. */
const forbidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\u{e0000}-\u{e007f}]/u;

const unit = fc.oneof(
  fc.constantFrom(
    '\u001b[31m',
    '\u001b]8;;https://evil.example\u0007',
    '\u001b]52;c;ZXZpbA==\u001b\\',
    '\u009b2J',
    '\u009d0;title\u009c',
    '\u001bP',
    '\u001b',
    '\r',
    '\b',
    '\u007f',
    '\u202e',
    '\u2066',
    '\u200b',
    '\u2028',
    '\ud800',
    '\udfff',
    '\u{e0041}',
  ),
  fc.string({ unit: 'binary' }),
);
const text = fc.array(unit).map(parts => parts.join(''));

describe('text from outside', () => {
  it('[T15] holds no control, format or half character any more, whatever it was', () => {
    fc.assert(
      fc.property(text, said => {
        assert.doesNotMatch(plainText(said), forbidden);
        assert.doesNotMatch(plainLine(said), forbidden);
        assert.doesNotMatch(plainLine(said), /[\n\t]/);
        assert.doesNotMatch(new AuthError('server_error', said).message, forbidden);
      }),
      { numRuns: 2_000 },
    );
  });

  it('[T15] is the same to a program that reads it as JSON, and shows no such character there', () => {
    fc.assert(
      fc.property(text, said => {
        const json = plainJson({ [said]: [said] });
        assert.doesNotMatch(json, forbidden);
        assert.deepEqual(JSON.parse(json), { [said]: [said] });
      }),
    );
  });

  it('[T15] loses an escape sequence whole, with the address or the clipboard in it', () => {
    for (const [said, shown] of [
      ['\u001b[1;31mred\u001b[0m', 'red'],
      ['\u001b]8;;https://evil.example\u001b\\a link\u001b]8;;\u0007', 'a link'],
      ['\u001b]52;c;ZXZpbA==\u0007copied', 'copied'],
      ['\u009b31mred\u009b0m', 'red'],
      ['\u001bPq\u001b\\sixel', 'sixel'],
      ['\u001bcreset', 'reset'],
      ['ada\u200b@example.com', 'ada�@example.com'],
      ['gpj.\u202eexe', 'gpj.�exe'],
      ['over\rwritten', 'over�written'],
    ] as const) {
      assert.equal(plainText(said), shown);
    }
  });

  it('[T15] stays as it is where it is ordinary', () => {
    for (const said of [
      'Ada\n\tLovelace',
      'Zoë 木 👩🏽 ❤️ שלום',
      'auth0|ada',
      '2026-01-01T00:00:00.000Z',
      '',
    ]) {
      assert.equal(plainText(said), said);
    }
    assert.equal(plainText('one\r\ntwo'), 'one\ntwo');
    assert.equal(plainLine('one\r\n\ttwo'), 'one two');
  });

  it('[T15] is cut where it is long, and never within a character', () => {
    assert.equal(plainText('x'.repeat(100_000)).length, 8_193);
    assert.equal(plainLine('👩'.repeat(1_000), 7), '👩👩👩…');
    assert.equal(plainText('x'.repeat(100_000), Infinity).length, 100_000);
  });

  it('[T15] is cleaned in linear steps: a hundred thousand beginnings of sequences end in no time', () => {
    for (const start of ['\u001b]', '\u009d', '\u001b[', '\u009b0', '\u001b[0;', '\u001b ']) {
      assert.doesNotMatch(plainText(start.repeat(100_000), Infinity), forbidden);
    }
  });
});
