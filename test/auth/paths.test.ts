import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { userDirectory } from '../../src/auth/paths.ts';

describe('the user’s directory', () => {
  for (const [named, meant] of [
    ['/data', '/data'],
    ['data', 'data'],
    ['~', homedir()],
    ['~/data', join(homedir(), 'data')],
    ['~ada/data', '~ada/data'],
  ] as const) {
    it(`is ${meant} where OMNISPINDLE_DATA_DIR is ${named}`, () => {
      assert.equal(userDirectory({ OMNISPINDLE_DATA_DIR: named }), meant);
    });
  }

  it('is the platform’s own where it is not named', () => {
    assert.equal(userDirectory({ OMNISPINDLE_DATA_DIR: '' }), userDirectory({}));
    assert.match(userDirectory({}), /omnispindle/);
  });
});
