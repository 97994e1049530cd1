import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apart, editorShares, longShares, partOptions } from './parts.ts';

/** Those that the suite inside the editor knows: its modules need the editor, so that they are only read. */
const known = [
  ...readFileSync(join(import.meta.dirname, 'suite', 'all.ts'), 'utf8').matchAll(
    /^ {2}(\w+): \(\) => import/gm,
  ),
].map(([, name]) => name);

describe('the parts of the suite inside the editor', () => {
  const visits = Object.values(editorShares).flat();

  it('run in one visit each, but for those that are no tests', () => {
    assert.ok(known.length > 0);
    assert.deepEqual([...visits.flat(), ...apart].sort(), known.sort());
  });

  it('begin their visit where the editor is set up for them', () => {
    const first = new Set([...visits.map(([part]) => part), ...apart]);
    assert.deepEqual(
      Object.keys(partOptions).filter(part => !first.has(part as keyof typeof partOptions)),
      [],
    );
  });

  it('are left to the long lane by shares that there are', () => {
    assert.deepEqual(
      [...longShares].filter(share => !(share in editorShares)),
      [],
    );
  });
});
