import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

interface Row {
  readonly promise: string;
  readonly references: readonly string[];
}

/** The rows of the table under that heading: what is promised, and the tests that show it. */
function rowsUnder(heading: string): Row[] {
  const [, section = ''] = new RegExp(`^### ${heading}\n(.*?)(?=^##|(?![^]))`, 'ms').exec(readme) ?? [];
  return [...section.matchAll(/^\| (.+?) +\| (`.+?) +\|$/gm)].map(([, promise = '', tests = '']) => ({
    promise,
    references: tests.split('; '),
  }));
}

/** Titles in the README are in italics, and may end where the rest does not matter. */
function titlesIn(reference: string): string[] {
  const [, list = ''] = /^`[^`]+`: (.*)$/.exec(reference) ?? [];
  return list.split(/_, _/).map(title => title.replaceAll(/^_|( …)?_$|( …)$/g, ''));
}

function namesTestsThereAre({ references }: Row, titlePattern: RegExp): void {
  for (const reference of references) {
    const [, name = ''] = /^`([^`]+)`/.exec(reference) ?? [];
    const [path = ''] = globSync(`test/**/${name}`, { cwd: root });
    assert.ok(path, name);
    const titles = readFileSync(join(root, path), 'utf8').match(titlePattern) ?? [];
    assert.ok(titles.length > 0, path);
    for (const title of titlesIn(reference)) {
      assert.ok(
        titles.some(found => found.includes(title)),
        `${name}: ${title}`,
      );
    }
  }
}

for (const [heading, titlePattern, lines] of [
  ['Where this began', /\bit\(\s*['`]seed: [^\n]*/g, 12],
  ['Threat model', /\bit\(\s*['"`][^\n]*/g, 15],
] as const) {
  describe(`the README’s table "${heading}"`, () => {
    const rows = rowsUnder(heading);

    it('has a row for every line', () => {
      assert.ok(rows.length >= lines, String(rows.length));
    });
    for (const row of rows) {
      it(`names tests there are: ${row.promise}`, () => {
        namesTestsThereAre(row, titlePattern);
      });
    }
  });
}
