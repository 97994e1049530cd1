import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isBorrowed } from '../../../../src/terminal/commands/init/borrowed.ts';
import { lastingName } from '../../../../src/terminal/commands/init/lastingNode.ts';
import { useDirectory } from '../../../auth/fixtures.ts';

describe('the Node.js that clients start', () => {
  const directory = useDirectory();

  for (const [name, installed, lasting] of [
    ['Homebrew', '/opt/homebrew/Cellar/node@24/24.1.0/bin/node', '/opt/homebrew/opt/node@24/bin/node'],
    ['nvm', '/home/ada/.nvm/versions/node/v24.1.0/bin/node', '/home/ada/.nvm/current/bin/node'],
    [
      'fnm',
      '/home/ada/.local/share/fnm/node-versions/v24.1.0/installation/bin/node',
      '/home/ada/.local/share/fnm/aliases/default/bin/node',
    ],
    [
      'mise',
      '/home/ada/.local/share/mise/installs/node/24.1.0/bin/node',
      '/home/ada/.local/share/mise/installs/node/24/bin/node',
    ],
    ['snap', '/snap/node/1234/bin/node', '/snap/node/current/bin/node'],
    ['Nix', '/nix/store/abc-nodejs-24.1.0/bin/node', join(homedir(), '.nix-profile/bin/node')],
    [
      'Scoop',
      'C:\\Users\\ada\\scoop\\apps\\nodejs-lts\\24.1.0\\node.exe',
      'C:\\Users\\ada\\scoop\\apps\\nodejs-lts\\current\\node.exe',
    ],
  ] as const) {
    it(`[T8] is named by the link that survives upgrades, where it leads there now (${name})`, () => {
      assert.equal(
        lastingName(installed, path => (path === lasting ? installed : undefined)),
        lasting,
      );
      // To another version, or nowhere.
      assert.equal(
        lastingName(installed, path => (path === lasting ? '/other/node' : undefined)),
        installed,
      );
      assert.equal(
        lastingName(installed, () => undefined),
        installed,
      );
    });
  }

  it('[T8] is never a shim, which runs the version that a project names', () => {
    const volta = '/home/ada/.volta/tools/image/node/24.1.0/bin/node';
    assert.equal(
      lastingName(volta, () => volta),
      volta,
    );
  });

  it('[T8] is none that a project or a cache of npx has brought', () => {
    const project = join(directory.path, 'src', 'cloned');
    const inside = join(project, 'packages', 'a');
    mkdirSync(inside, { recursive: true });
    writeFileSync(join(project, 'package.json'), '{}');
    assert.ok(isBorrowed(join(project, 'node_modules', 'node', 'bin', 'node'), '/'));
    assert.ok(isBorrowed('/home/ada/.npm/_npx/1234/node_modules/.bin/node', '/'));
    assert.ok(isBorrowed(join(project, 'tools', 'node'), inside));
    assert.ok(!isBorrowed(join(project, 'tools', 'node'), '/'));
    assert.ok(!isBorrowed('/usr/bin/node', inside));
    assert.ok(!isBorrowed(join(directory.path, 'src', 'cloned-too', 'node'), inside));
    const link = join(directory.path, 'link');
    symlinkSync(inside, link);
    assert.ok(isBorrowed(join(project, 'tools', 'node'), link));
    // A home directory often has a package.json, and is no project.
    assert.ok(!isBorrowed(join(homedir(), '.nvm', 'versions', 'node'), homedir()));
  });
});
