import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { browserCommands, openBrowser } from '../../src/terminal/browser.ts';
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

  it('[E9] is not told to be Node.js, nor anything else that is there for us, as a server of an editor is', async () => {
    const directory = temporaryDirectory();
    const said = join(directory.path, 'said');
    const program = join(directory.path, 'browser.sh');
    writeFileSync(program, `#!/bin/sh\nenv > "${said}.part"; mv "${said}.part" "${said}"\n`, { mode: 0o755 });
    const ours = { ELECTRON_RUN_AS_NODE: '1', OMNISPINDLE_BROKER_KEY: 'S3CRET' };
    try {
      Object.assign(process.env, ours);
      assert.ok(await openBrowser('https://example.com/', { BROWSER: program }));
      while (!existsSync(said)) await delay(10);
      const env = readFileSync(said, 'utf8');
      assert.match(env, /^PATH=/m);
      assert.doesNotMatch(env, /ELECTRON_RUN_AS_NODE|OMNISPINDLE/);
    } finally {
      for (const name of Object.keys(ours)) Reflect.deleteProperty(process.env, name);
      directory.remove();
    }
  });

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
