import assert from 'node:assert/strict';
import { join } from 'node:path';
import { freshBundle } from '../bundle.ts';
import { startOfExtension } from './startOfExtension.ts';

/** Half of what GitHub Authentication, which VS Code comes with, loads at its activation (bytes). */
const limit = 230_203 / 2;

describe('what the extension loads at its activation', () => {
  const start = () => startOfExtension(freshBundle(join(import.meta.dirname, '..', '..')));

  it('is less than half of what GitHub Authentication loads', () => {
    const { bytes } = start();
    assert.ok(bytes < limit, `${String(bytes)} bytes, and the limit is ${String(limit)}`);
  });

  it('is in a few files, because each of them takes time', () => {
    const { files } = start();
    assert.ok(files <= 3, `${String(files)} files`);
  });

  it('checks nothing yet: there is no zod in it', () => {
    const schemas = start().sources.filter(source => source.includes('node_modules/zod/'));
    assert.deepEqual(schemas, []);
  });
});
