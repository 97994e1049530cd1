import assert from 'node:assert/strict';
import { ownersOnly } from '../../src/auth/windowsAccess.ts';

describe('the access list of a directory on Windows', () => {
  const directory = 'C:\\Users\\Ada L\\AppData\\Local\\omnispindle & co';

  it('is the user’s own, and nobody else’s, for all that is in it', () => {
    const env = { USERDOMAIN: 'ANALYTICAL', SystemRoot: 'D:\\Windows' };
    assert.deepEqual(ownersOnly(directory, { username: 'Ada L', env }), [
      'D:\\Windows\\System32\\icacls.exe',
      [directory, '/inheritance:r', '/grant:r', 'ANALYTICAL\\Ada L:(OI)(CI)F'],
    ]);
  });

  it('names the user alone where the environment has no domain', () => {
    const [program, args] = ownersOnly(directory, { username: 'ada', env: {} });
    assert.equal(program, 'C:\\Windows\\System32\\icacls.exe');
    assert.equal(args.at(-1), 'ada:(OI)(CI)F');
  });
});
