import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** Titles in the README are in italics, and may end where the rest does not matter. */
function titlesIn(reference: string): string[] {
  const [, list = ''] = /^`[^`]+`: (.*)$/.exec(reference) ?? [];
  return list.split(/_, _/).map(title => title.replaceAll(/^_|( …)?_$|( …)$/g, ''));
}

describe('the README’s table of the seed document', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, table = ''] = /### Where this began\n(.*?)\n\n[^|\n]*different on purpose/s.exec(readme) ?? [];
  const rows = [...table.matchAll(/^\| (.+?) +\| (`.+?) +\|$/gm)].map(([, promise = '', tests = '']) => ({
    promise,
    references: tests.split('; '),
  }));

  it('has a row for every line', () => {
    assert.ok(rows.length >= 11, String(rows.length));
  });

  for (const { promise, references } of rows) {
    it(`names tests there are: ${promise}`, () => {
      for (const reference of references) {
        const [, name = ''] = /^`([^`]+)`/.exec(reference) ?? [];
        const [path = ''] = globSync(`test/**/${name}`, { cwd: root });
        assert.ok(path, name);
        const titles = readFileSync(join(root, path), 'utf8').match(/\bit\(\s*['`]seed: [^\n]*/g) ?? [];
        assert.ok(titles.length > 0, path);
        for (const title of titlesIn(reference)) {
          assert.ok(
            titles.some(found => found.includes(title)),
            `${name}: ${title}`,
          );
        }
      }
    });
  }
});
