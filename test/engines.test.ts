import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describeNeeds } from './needs.ts';
import { installNodes, nodeOf } from './nodes.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Package {
  readonly engines: { readonly vscode: string; readonly node: string };
  readonly devDependencies: Readonly<Record<string, string>>;
}
const { engines, devDependencies } = JSON.parse(read('package.json')) as Package;

describe('[E3] the oldest editor that the extension is for', () => {
  it('[E3] is VS Code 1.105 for the editor, for the types, for the suite and for CI', () => {
    assert.equal(engines.vscode, '^1.105.0');
    assert.equal(devDependencies['@types/vscode'], '1.105.0');
    const suite = JSON.parse(read('test/editor/extension/package.json')) as Package;
    assert.equal(suite.engines.vscode, engines.vscode);
    assert.match(read('test/editor/setup.ts'), /oldest: {\s+desktop: '1\.105\.\d',\s+codeServer: '4\.105\./);
    assert.match(read('.github/workflows/ci.yml'), /OMNISPINDLE_TEST_EDITOR: oldest/);
  });

  it('[E3] brings Node.js 22.19, for which the code is built, typed and linted', () => {
    assert.equal(engines.node, '^22.19.0 || >=24.0.0');
    assert.match(read('esbuild.js'), /target: 'node22\.19'/);
    assert.match(read('eslint.config.js'), /'\^22\.19\.0 \|\| >=24\.0\.0'/);
    assert.match(devDependencies['@types/node'] ?? '', /^~22\.19\./);
  });
});

describeNeeds(['Linux on x64'], '[E3] the built extension on the Node.js of VS Code 1.105', function () {
  this.timeout(60_000);
  before(() => {
    installNodes();
  });

  it('[E3] signs in by the URI handler, and out again', () => {
    const file = join(root, 'test', 'editor', 'standIn', 'startExtension.test.ts');
    const output = execFileSync(nodeOf('22.19.0'), [join(root, 'test', 'lane.ts'), file], {
      encoding: 'utf8',
    });
    const said = stripVTControlCharacters(output);
    assert.match(said, /✔ signs in by the command and the URI handler, and out again/);
    assert.doesNotMatch(said, /failing/);
  });
});
