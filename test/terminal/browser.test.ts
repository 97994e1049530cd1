import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { browserCommands } from '../../src/terminal/browser.ts';
import { temporaryDirectory } from '../auth/fixtures.ts';

const url = 'https://example.com/authorize?a=%20&b=$(date);%s';

describe('BROWSER', () => {
  for (const [browser, commands] of [
    ['firefox', [['firefox', url]]],
    ['firefox --private-window', [['firefox', '--private-window', url]]],
    ['firefox -url %s -P', [['firefox', '-url', url, '-P']]],
    ['app --open=%s', [['app', `--open=${url}`]]],
    ['app 100%% %%s', [['app', '100%', '%s', url]]],
    ['app "My Profile" --name=\'A B\'', [['app', 'My Profile', '--name=A B', url]]],
    [
      ['one -a', '', 'two %s'].join(delimiter),
      [
        ['one', '-a', url],
        ['two', url],
      ],
    ],
    ['  ', []],
  ] as const) {
    it(`is read: ${browser}`, () => {
      assert.deepEqual(browserCommands(browser, url), commands);
    });
  }

  it('may be a path with spaces', () => {
    const directory = temporaryDirectory();
    try {
      mkdirSync(join(directory.path, 'My Programs'));
      const path = join(directory.path, 'My Programs', 'browser');
      writeFileSync(path, '');
      assert.deepEqual(browserCommands(path, url), [[path, url]]);
      assert.deepEqual(browserCommands(`x${delimiter}${path}`, url), [
        ['x', url],
        [path, url],
      ]);
    } finally {
      directory.remove();
    }
  });
});
