import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

const runs = [
  /^(?:package|package\.nls)\.json$/,
  /^(?:README|CHANGELOG)\.md$|^LICENSE$/,
  /^l10n\/bundle\.l10n\.json$/,
  /^media\/[\w-]+\.(?:html|png|svg)$/,
  /^dist\/(?:chunks\/|extension\/)?[\w-]+\.js$/,
];

describe('the VSIX', () => {
  it('holds what runs, and nothing else', () => {
    const files = execFileSync(join(root, 'node_modules', '.bin', 'vsce'), ['ls', '--no-dependencies'], {
      cwd: root,
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
    assert.deepEqual(
      files.filter(file => !runs.some(pattern => pattern.test(file))),
      [],
    );
    for (const needed of [
      'dist/extension.js',
      'dist/cli.js',
      'media/callback.html',
      'package.nls.json',
      'LICENSE',
    ]) {
      assert.ok(files.includes(needed), needed);
    }
    assert.ok(files.some(file => file.startsWith('dist/chunks/')));
  });
});
