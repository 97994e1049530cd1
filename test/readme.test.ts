import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Row {
  readonly promise: string;
  readonly references: readonly string[];
}

/** The rows of all tables in that text whose last column names tests: what is promised, and the tests that show it. */
function rowsIn(text: string): Row[] {
  return [...text.matchAll(/^\| (.+?) +\| (`[^`]+\.ts`: .+?) +\|$/gm)].map(
    ([, promise = '', tests = '']) => ({ promise, references: tests.split('; ') }),
  );
}

/** Titles in the tables are in italics, and may end where the rest does not matter. */
function titlesIn(reference: string): string[] {
  const [, list = ''] = /^`[^`]+`: (.*)$/.exec(reference) ?? [];
  return list.split(/_, _/).map(title => title.replaceAll(/^_|( …)?_$|( …)$/g, ''));
}

function namesTestsThereAre({ references }: Row, titlePattern: RegExp): void {
  for (const reference of references) {
    const [, name = ''] = /^`([^`]+)`/.exec(reference) ?? [];
    const [path = ''] = globSync(`test/**/${name}`, { cwd: root });
    assert.ok(path, name);
    const titles = read(path).match(titlePattern) ?? [];
    assert.ok(titles.length > 0, path);
    for (const title of titlesIn(reference)) {
      assert.ok(
        titles.some(found => found.includes(title)),
        `${name}: ${title}`,
      );
    }
  }
}

const anyTitle = /\b(?:it|describe)(?:Needs\(\s*(?:\w+|\[[^\]]*\]),|\()\s*['"`][^\n]*/g;
const threats = read('docs/threat-model.md');

for (const [table, text, titlePattern, lines] of [
  [
    'docs/where-this-began.md',
    read('docs/where-this-began.md'),
    /\bit\(\s*['`](?:\[\w+\] )?seed: [^\n]*/g,
    12,
  ],
  ['docs/threat-model.md', threats, anyTitle, 40],
] as const) {
  describe(`the table "${table}"`, () => {
    const rows = rowsIn(text);

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

describe('the threat model', () => {
  for (let line = 1; line <= 17; line++) {
    it(`names a test for line T${String(line)} of what was attacked`, () => {
      assert.ok(threats.includes(`_[T${String(line)}] `), `[T${String(line)}]`);
    });
  }
});

describe('[F9] the README', () => {
  const text = read('README.md');

  it('leads to files there are', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link);
    assert.ok(links.length > 10);
    assert.deepEqual(
      links.filter(link => !existsSync(join(root, link))),
      [],
    );
  });

  it('names the editor’s commands by the titles that they have', () => {
    const titles = read('package.nls.json');
    const named = [...text.matchAll(/_Omnispindle: ([^_]+)_/g)].map(([, title = '']) => title);
    assert.ok(named.length > 10);
    assert.deepEqual(
      named.filter(title => !titles.includes(`: "${title}"`)),
      [],
    );
  });
});

describe('[12] the documents for developers', () => {
  const documents = ['CONTRIBUTING.md', 'docs/architecture.md'];
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

  for (const document of documents) {
    const text = read(document);

    it(`name files and folders there are: ${document}`, () => {
      const paths = text.match(/(?<![\w./])(?:src|test|docs|\.github)\/[\w./-]*\w|\b\w+\/\w+\.ts\b/g) ?? [];
      assert.ok(paths.length > 3);
      const missing = paths.filter(
        path => !existsSync(join(root, path)) && !existsSync(join(root, 'src', path)),
      );
      assert.deepEqual(missing, []);
    });

    it(`name scripts there are: ${document}`, () => {
      const names = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = '']) => name);
      assert.ok(names.length > 0);
      assert.deepEqual(
        names.filter(name => !(name in scripts)),
        [],
      );
    });
  }
});
