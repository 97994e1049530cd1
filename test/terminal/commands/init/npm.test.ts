import assert from 'node:assert/strict';
import { delimiter } from 'node:path';
import { compareVersions } from '../../../../src/terminal/commands/init/copy.ts';
import { environmentForNpm } from '../../../../src/terminal/commands/init/npm.ts';

describe('npm, as init runs it', () => {
  it('[T8] gets nothing that an outer npx hands down, and no directory of a project', () => {
    const own = {
      HOME: '/home/ada',
      HTTPS_PROXY: 'http://proxy',
      NPM_TOKEN: 't',
      NODE_EXTRA_CA_CERTS: '/ca',
    };
    const handedDown = {
      npm_config_registry: 'https://evil.example',
      NPM_CONFIG_USERCONFIG: '/cloned/.npmrc',
      'npm_config_//evil.example/:_authToken': 'x',
      npm_package_name: 'cloned',
      npm_lifecycle_event: 'npx',
      npm_command: 'exec',
      npm_execpath: '/usr/lib/node_modules/npm/bin/npx-cli.js',
      npm_node_execpath: '/cloned/node_modules/.bin/node',
      NODE_OPTIONS: '--require /cloned/x.js',
      NODE_PATH: '/cloned',
      PREFIX: '/cloned',
      INIT_CWD: '/cloned',
    };
    const path = ['/cloned/node_modules/.bin', '.', 'bin', '', '/usr/bin'].join(delimiter);
    assert.deepEqual(environmentForNpm({ ...own, ...handedDown, PATH: path }), {
      ...own,
      PATH: '/usr/bin',
      NODE_DISABLE_COMPILE_CACHE: '1',
    });
    // Where no npm has started us, these are the person's own.
    assert.equal(environmentForNpm({ NODE_OPTIONS: '--use-system-ca' })['NODE_OPTIONS'], '--use-system-ca');
  });

  it('[T8] installs no older version than is there: versions are compared by their numbers', () => {
    const sorted = [
      '0.9.0',
      '0.10.0',
      '1.0.0-alpha',
      '1.0.0-alpha.2',
      '1.0.0-alpha.10',
      '1.0.0',
      '1.0.1+build',
    ];
    assert.deepEqual([...sorted].reverse().sort(compareVersions), sorted);
    assert.equal(compareVersions('1.0.0', '1.0.0+build'), 0);
  });
});
