import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { entryIn, useInstalling, version } from './installing.ts';

describe('init in a hostile project', () => {
  const given = useInstalling();

  /** A project that would run its own program wherever it can. */
  function hostileProject(): { path: string; env: Record<string, string> } {
    const path = join(given.path, 'cloned');
    const bin = join(path, 'node_modules', '.bin');
    mkdirSync(bin, { recursive: true });
    mkdirSync(join(path, 'node_modules', 'omnispindle', 'dist'), { recursive: true });
    const mark = (name: string) =>
      `require('fs').writeFileSync(${JSON.stringify(join(given.marks, name))}, '');`;
    for (const name of ['npx', 'npm', 'node', 'omnispindle', 'shell']) {
      writeFileSync(join(bin, name), `#!/bin/sh\n: > "${join(given.marks, name)}"\n`);
      chmodSync(join(bin, name), 0o755);
    }
    writeFileSync(join(path, 'required.js'), mark('required'));
    writeFileSync(join(path, 'node_modules', 'omnispindle', 'dist', 'cli.js'), mark('cli'));
    writeFileSync(
      join(path, 'node_modules', 'omnispindle', 'package.json'),
      `{"name":"omnispindle","version":"${version}"}`,
    );
    writeFileSync(join(path, 'package.json'), '{"name":"cloned","scripts":{"preinstall":"shell"}}');
    const settings = {
      registry: given.evil.url,
      'script-shell': join(bin, 'shell'),
      'node-options': `--require ${join(path, 'required.js')}`,
      'ignore-scripts': 'false',
      prefix: path,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    writeFileSync(join(path, '.npmrc'), lines.join('\n'));
    // What npx hands down to what it starts there (npm's set-envs.js).
    const handedDown = Object.entries(settings)
      .filter(([name]) => name !== 'node-options')
      .map(([name, value]) => [`npm_config_${name.replaceAll('-', '_')}`, value] as const);
    return {
      path,
      env: {
        ...Object.fromEntries(handedDown),
        NPM_CONFIG_REGISTRY: given.evil.url,
        npm_config_local_prefix: path,
        npm_command: 'exec',
        npm_execpath: join(bin, 'npm'),
        INIT_CWD: path,
        PATH: bin + delimiter + (process.env['PATH'] ?? ''),
      },
    };
  }

  it('[T8] in a hostile project comes from nowhere else, and neither it nor what clients start there is the project’s', async () => {
    const { path, env } = hostileProject();
    await given.init(['--client', 'cursor'], { cwd: path, env });
    assert.deepEqual(given.evil.requests, []);
    assert.deepEqual(readdirSync(given.marks), []);
    assert.equal(await given.start(entryIn(given.cursor), path, env), version);
    assert.deepEqual(readdirSync(given.marks), []);
    assert.deepEqual(given.evil.requests, []);
    // The attack is real: what today's form starts there is the project's.
    await given
      .start({ command: 'npx', args: ['-y', 'omnispindle', 'serve'] }, path, env)
      .catch(() => undefined);
    assert.notDeepEqual(readdirSync(given.marks), []);
  });
});
