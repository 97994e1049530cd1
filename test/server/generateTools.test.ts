import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allTools } from '../../src/server/generated/allTools.ts';
import toolList from '../../src/server/generated/toolList.json' with { type: 'json' };
import { useDirectory } from '../auth/fixtures.ts';
import { generateTools } from './generateTools.ts';

const why = 'A tool has changed: write what is made of the tools again with "npm run tools".';

describe('what the build makes of the tools', () => {
  const given = useDirectory();

  it('is what is committed', async () => {
    const { module, list } = await generateTools();
    assert.deepEqual(toolList, list, why);
    const path = join(import.meta.dirname, '../../src/server/generated/allTools.ts');
    assert.equal(readFileSync(path, 'utf8').replaceAll('\r\n', '\n'), module, why);
  });

  it('has each tool once, and whoami first', () => {
    const names = allTools.map(({ name }) => name);
    assert.deepEqual(
      names,
      toolList.map(({ name }) => name),
    );
    assert.equal(new Set(names).size, names.length);
    assert.equal(names[0], 'whoami');
  });

  it('has the scope omnispindle:read for what reads and omnispindle:write for the rest; whoami needs none', () => {
    for (const { name, annotations, scope } of allTools) {
      const needed = annotations.readOnlyHint ? 'omnispindle:read' : 'omnispindle:write';
      assert.equal(scope, name === 'whoami' ? undefined : needed, name);
    }
  });

  for (const [what, files, error] of [
    ['no tools', ['export const tool = {};'], /a0\.ts exports no "tools".*beside the folder/],
    ['an empty list of tools', ['export const tools = [];'], /a0\.ts exports no "tools"/],
    [
      'a tool that another file has, too',
      [`export const tools = [{ name: 'x' }];`, `export const tools = [{ name: 'x' }];`],
      /a0\.ts has a second tool x\. Rename one/,
    ],
  ] as const) {
    it(`is not made where a file in the folder of tools exports ${what}, and the file is named`, async () => {
      writeFileSync(join(given.path, 'package.json'), '{"type":"module"}');
      const folder = join(given.path, 'tools');
      mkdirSync(folder);
      for (const [i, text] of files.entries()) writeFileSync(join(folder, `a${String(i)}.ts`), text);
      await assert.rejects(generateTools(folder), error);
    });
  }
});
