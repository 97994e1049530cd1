import assert from 'node:assert/strict';
import { AuthError } from '../../src/auth/authError.ts';
import { errorCodes, OmnispindleError } from '../../src/common/errors.ts';
import { StoreError } from '../../src/store/storeError.ts';
import { exitCodeOf, exitCodes } from '../../src/terminal/exitCodes.ts';

describe('the exit code of a command', () => {
  it('goes by the code of its error, whatever kind of error has it', () => {
    for (const [code, exitCode] of [
      ['login_required', exitCodes.notSignedIn],
      ['invalid_settings', exitCodes.usage],
      ['tenant_unreachable', exitCodes.tenantUnreachable],
    ] as const) {
      assert.equal(exitCodeOf(new OmnispindleError(code, 'Do this.')), exitCode);
      assert.equal(exitCodeOf(new AuthError(code, 'Do that.')), exitCode);
    }
    assert.equal(exitCodeOf(new StoreError('busy', 'Try again.')), exitCodes.failed);
  });

  it('is never that of success', () => {
    for (const code of errorCodes) assert.ok(exitCodeOf(new OmnispindleError(code, '')) > 0, code);
    for (const error of [new Error('x'), 'x', undefined]) assert.equal(exitCodeOf(error), exitCodes.failed);
  });
});
