import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cli } from './bundle.ts';

const root = join(import.meta.dirname, '..');

const runs = [
  /^package(?:\.nls(?:\.[\w-]+)?)?\.json$/,
  /^(?:README|CHANGELOG)\.md$|^LICENSE$|^THIRD-PARTY-NOTICES\.txt$/,
  /^l10n\/bundle\.l10n(?:\.[\w-]+)?\.json$/,
  /^media\/(?:callback\.html|icon\.png|[\w-]+\.svg)$/,
  /^dist\/(?:chunks\/|extension\/)?[\w-]+\.js$/,
];

/** What only the VSIX has: the pictures of the walkthrough. The README's are found in the repository. */
const walkthrough = /^media\/walkthrough\/[\w-]+\.png$/;

/** What only the npm package has: types, for programs that use the library. */
const types = /^dist\/types\/(?:[\w-]+\/)*[\w-]+\.d\.ts$/;

const needed = ['dist/cli.js', 'media/callback.html', 'LICENSE', 'THIRD-PARTY-NOTICES.txt'];

const output = (program: string, ...args: string[]) =>
  execFileSync(program, args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' }).trim();

const packages = {
  'the VSIX': () => {
    const files = output(join(root, 'node_modules', '.bin', 'vsce'), 'ls', '--no-dependencies').split('\n');
    assert.equal(files.filter(path => walkthrough.test(path)).length, 20);
    return files.filter(path => !walkthrough.test(path));
  },
  'the npm package': () => {
    const [packed] = JSON.parse(output('npm', 'pack', '--dry-run', '--json', '--ignore-scripts')) as {
      files: { path: string }[];
    }[];
    return (packed?.files ?? []).map(({ path }) => path).filter(path => !types.test(path));
  },
};

for (const [name, list] of Object.entries(packages)) {
  describe(name, () => {
    it('holds what runs, with its licences, and nothing else', () => {
      const files = list();
      assert.deepEqual(
        files.filter(file => !runs.some(pattern => pattern.test(file))),
        [],
      );
      for (const file of needed) assert.ok(files.includes(file), file);
      assert.ok(files.some(file => file.startsWith('dist/chunks/')));
    });
  });
}

describe('[12] the notices in both packages', () => {
  it('name every package of which a part is in the bundle', () => {
    const { outputs } = JSON.parse(readFileSync(join(dirname(cli), 'metafile.json'), 'utf8')) as {
      outputs: Record<string, { inputs: object }>;
    };
    const inputs = Object.values(outputs).flatMap(output => Object.keys(output.inputs));
    const names = new Set(
      inputs.flatMap(path => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
    );
    assert.ok(names.size > 10);
    const notices = readFileSync(join(root, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    const missing = [...names].filter(name => !notices.includes(`\n${name} `));
    assert.deepEqual(missing, []);
  });
});
