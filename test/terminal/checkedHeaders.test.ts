import assert from 'node:assert/strict';
import { isOmnispindleError } from '../../src/common/errors.ts';
import { checkedHeaders } from '../../src/terminal/headers.ts';

describe('headers that the settings of an editor hold', () => {
  const refusal = (headers: Record<string, string>): string => {
    try {
      checkedHeaders(headers);
    } catch (error) {
      assert.ok(isOmnispindleError(error, 'invalid_settings'));
      return error.message;
    }
    return assert.fail('They were taken.');
  };

  it('[E2] are sent as they are, with their names in small letters', () => {
    assert.deepEqual(checkedHeaders({ 'X-Api-Key': ' 1$2 ', 'X-Team': 'Loom' }), {
      'x-api-key': '1$2',
      'x-team': 'Loom',
    });
  });

  for (const value of ['${input:key}', '${env:KEY}', 'Bearer ${KEY}', '<your-key>']) {
    it(`[T9] are refused where nobody filled in what they hold: ${value}`, () => {
      const message = refusal({ 'X-Key': value });
      assert.match(message, /X-Key holds a placeholder that nobody filled in/);
      assert.ok(!message.includes(value), message);
    });
  }

  it('[T9] are refused where they carry a token, a line break, or a name that is none', () => {
    assert.match(refusal({ Authorization: 'Bearer S3CRET' }), /Authorization carries the signed-in person/);
    const message = refusal({ 'X-Key': 'S3CRET\r\nX-Other: 1' });
    assert.match(message, /X-Key has a character in its value/);
    assert.doesNotMatch(message, /S3CRET/);
    assert.match(refusal({ 'X Key': '1' }), /"X Key" is not the name of a header/);
  });
});
