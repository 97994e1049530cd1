import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
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

  for (const env of [{ HOME: '' }, { XDG_DATA_HOME: 'data' }]) {
    it(`is the user’s, and not the project’s, with ${JSON.stringify(env)}`, () => {
      const paths = pathToFileURL(join(import.meta.dirname, '..', '..', 'src', 'auth', 'paths.ts')).href;
      const script = `console.log((await import('${paths}')).userDirectory({}))`;
      const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        env,
        encoding: 'utf8',
      });
      assert.ok(said.startsWith(join(userInfo().homedir, '/')), said);
    });
  }
});
