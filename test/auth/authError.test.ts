import assert from 'node:assert/strict';
import { AuthError, errorTold } from '../../src/auth/authError.ts';
import { errorCodes, isOmnispindleError, OmnispindleError } from '../../src/common/errors.ts';

describe('an error that another process has told', () => {
  it('has the code and the words that it had there', () => {
    for (const code of errorCodes) {
      const told = errorTold({ code, message: 'Try again.' });
      assert.ok(isOmnispindleError(told, code), code);
      assert.equal(told.message, 'Try again.');
    }
  });

  it('is an AuthError only where it is of OAuth', () => {
    assert.ok(errorTold({ code: 'access_denied', message: '' }) instanceof AuthError);
    for (const code of ['storage_failed', 'port_in_use', 'unsupported_runtime']) {
      assert.ok(!(errorTold({ code, message: '' }) instanceof AuthError), code);
    }
  });

  it('counts as a failure of the other side where only a newer version knows its code', () => {
    const told = errorTold({ code: 'constructor', message: 'Do this.' });
    assert.ok(isOmnispindleError(told, 'server_error'));
    assert.equal(told.message, 'Do this.');
  });

  it('shows a terminal nothing but text', () => {
    assert.equal(new OmnispindleError('server_error', 'a\u001b[2Jb').message.includes('\u001b'), false);
  });
});
