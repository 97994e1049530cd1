import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isOmnispindleError } from '../../src/common/errors.ts';
import { userDirectory } from '../../src/platform/paths.ts';
import { itNeeds } from '../needs.ts';

describe('the user’s directory', () => {
  for (const [named, meant] of [
    ['/data', '/data'],
    ['~', homedir()],
    ['~/data', join(homedir(), 'data')],
    [' "~/data" ', join(homedir(), 'data')],
    ["'/data'", '/data'],
  ] as const) {
    it(`[T9] is ${meant} where OMNISPINDLE_DATA_DIR is ${named}`, () => {
      assert.equal(userDirectory({ OMNISPINDLE_DATA_DIR: named }), meant);
    });
  }

  for (const [named, saying] of [
    ['data', /"data", which is no absolute path\. Give one like ".*omnispindle" or "~.omnispindle"/],
    ['./data', /"\.\/data", which is no absolute path/],
    ['~ada/data', /"~ada\/data", which is no absolute path/],
    ['"data"', /is "data", which is no absolute path/],
    ['C:data', /which is no absolute path/],
    ['file:///data', /which is no absolute path/],
    ['${HOME}/.omnispindle', /"\$\{HOME\}\/\.omnispindle", a placeholder that nobody filled in/],
    ['/data/${USER}', /a placeholder that nobody filled in/],
    ['${env:HOME}', /a placeholder that nobody filled in/],
    ['{{home}}/data', /a placeholder that nobody filled in/],
    ['/home/<you>/data', /a placeholder that nobody filled in/],
    ['$HOME/.omnispindle', /"\$HOME\/\.omnispindle", in which nobody filled in the variable/],
    ['/data/$USER/x', /in which nobody filled in the variable/],
    ['$env:APPDATA\\omnispindle', /in which nobody filled in the variable/],
    ['%APPDATA%\\omnispindle', /in which nobody filled in the variable/],
    ['%ProgramFiles(x86)%/omnispindle', /in which nobody filled in the variable/],
    ['$HOME', /a placeholder that nobody filled in/],
    ['undefined', /a placeholder that nobody filled in/],
    ['/data\0/x', /control character/],
    ['/data\n/x', /control character/],
  ] as const) {
    it(`[T9] is refused by name where OMNISPINDLE_DATA_DIR is ${JSON.stringify(named)}`, () => {
      assert.throws(
        () => userDirectory({ OMNISPINDLE_DATA_DIR: named }),
        error =>
          isOmnispindleError(error, 'invalid_settings') &&
          error.message.startsWith('OMNISPINDLE_DATA_DIR ') &&
          saying.test(error.message),
      );
    });
  }

  for (const named of ['/data/%41/x', '/data/$5/x', '/data/a$b', '/data/100%/x%']) {
    it(`[T9] may have a name that only looks a little like a variable: ${named}`, () => {
      assert.equal(userDirectory({ OMNISPINDLE_DATA_DIR: named }), named);
    });
  }

  it('is the platform’s own where it is not named', () => {
    for (const empty of ['', ' ', '""']) {
      assert.equal(userDirectory({ OMNISPINDLE_DATA_DIR: empty }), userDirectory({}));
    }
    assert.match(userDirectory({}), /omnispindle/);
  });

  /** What a process of that user and environment says it is. */
  function asked(env: Record<string, string>, more: { uid?: number } = {}): string {
    const paths = pathToFileURL(join(import.meta.dirname, '..', '..', 'src', 'platform', 'paths.ts')).href;
    const script = `const { userDirectory } = await import('${paths}');
      try { console.log(userDirectory()) } catch (error) { console.log(error.code, error.message) }`;
    return execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env,
      cwd: '/',
      encoding: 'utf8',
      ...more,
    }).trim();
  }

  for (const env of [{ HOME: '' }, { XDG_DATA_HOME: 'data' }, { HOME: 'home', XDG_DATA_HOME: './data' }]) {
    itNeeds(['Linux'], `[T9] is the user’s, and not the project’s, with ${JSON.stringify(env)}`, () => {
      assert.equal(asked(env), join(userInfo().homedir, '.local', 'share', 'omnispindle'));
    });
  }

  itNeeds(['Linux'], '[T9] is below an XDG_DATA_HOME that is absolute', () => {
    assert.equal(asked({ XDG_DATA_HOME: '/data' }), '/data/omnispindle');
  });

  itNeeds(['root'], '[T9] must be named where the user has no home directory, as in a container', () => {
    const stranger = { uid: 424_242 };
    assert.match(asked({}, stranger), /^invalid_settings .*no home directory.*OMNISPINDLE_DATA_DIR/);
    assert.match(
      asked({ OMNISPINDLE_DATA_DIR: '~/data' }, stranger),
      /^invalid_settings .*no home directory.*OMNISPINDLE_DATA_DIR/,
    );
    assert.equal(asked({ OMNISPINDLE_DATA_DIR: '/data' }, stranger), '/data');
    assert.equal(asked({ HOME: '/data' }, stranger), '/data/.local/share/omnispindle');
  });
});
