import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');

/** An `@example` of a docstring: a program, or one line whose comment is its result. */
interface Example {
  readonly file: string;
  /** What the docstring is about. */
  readonly name: string;
  readonly text: string;
}

function examplesIn(file: string): Example[] {
  const path = join(root, file);
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2024, true);
  const found: Example[] = [];
  const visit = (node: ts.Node) => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== 'example' || tag.parent.parent !== node) continue;
      const name = ts.isFunctionDeclaration(node) ? node.name?.text : undefined;
      // TypeScript's own reading of a tag takes comments and braces out of an example.
      const text = tag
        .getText()
        .replace(/^@example\s?/, '')
        .replaceAll(/^[ \t]*\*[ \t]?/gm, '');
      found.push({ file, name: name ?? '', text: text.trim() });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const examples = globSync('src/**/*.ts', { cwd: root }).sort().flatMap(examplesIn);
const resultOf = ({ text }: Example) => /^(?!\/\/)([^\n]+?) \/\/ ([^\n]+)$/.exec(text);

/** The program that an example is, in a file beside the one it is in. */
function programOf(example: Example, index: number): readonly [path: string, text: string] {
  const beside = resolve(root, dirname(example.file), `example${String(index)}.ts`);
  const own = `import { ${example.name} } from './${basename(example.file)}';\n`;
  return [beside, `${resultOf(example) ? own : ''}${example.text}\nexport {};\n`];
}

/** What TypeScript says about the examples, by the path of each. */
function check(programs: ReadonlyMap<string, string>): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), path => readFileSync(path, 'utf8')) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...config.compilerOptions,
      // As the package has them.
      paths: {
        omnispindle: ['./src/index.ts'],
        'omnispindle/api': ['./src/editor/api.ts'],
        'omnispindle/server': ['./src/server.ts'],
      },
      noUnusedLocals: false,
    },
    root,
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = path => programs.has(path) || fileExists(path);
  host.readFile = path => programs.get(path) ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const text = programs.get(path);
    return text === undefined
      ? getSourceFile(path, target, ...rest)
      : ts.createSourceFile(path, text, target);
  };
  const program = ts.createProgram([...programs.keys()], options, host);
  return new Map(
    [...programs.keys()].map(path => {
      const source = program.getSourceFile(path);
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return [path, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
}

describe('[12] an example in a docstring', function () {
  // TypeScript reads all that the examples import.
  this.timeout(300_000);
  let said: Map<string, string[]>;
  const programs = examples.map(programOf);
  const wrong = join(root, 'src', 'wrongExample.ts');

  before(() => {
    // Together: what they import is checked once.
    said = check(
      new Map([
        ...programs,
        [
          wrong,
          "import { ensureAuthenticated } from 'omnispindle';\nensureAuthenticated({ user: 'ada' });\nexport {};\n",
        ],
      ]),
    );
  });

  it('is there for the library, the extension’s API and the main parts', () => {
    for (const [file, least] of [
      ['src/index.ts', 2],
      ['src/server.ts', 1],
      ['src/editor/api.ts', 1],
      ['src/sessions/authenticator.ts', 1],
      ['src/auth/verify.ts', 1],
      ['src/store/createStore.ts', 1],
      ['src/server/createServer.ts', 1],
    ] as const) {
      assert.ok(examples.filter(example => example.file === file).length >= least, file);
    }
  });

  it('would not pass this test with a name that does not exist', () => {
    assert.match(said.get(wrong)?.join() ?? '', /'user' does not exist/);
  });

  for (const [index, example] of examples.entries()) {
    const title = `${example.file}: ${example.text.split('\n')[0] ?? ''}`;
    it(`passes the type check (${title})`, () => {
      assert.deepEqual(said.get(programs[index]?.[0] ?? ''), []);
    });

    const [, expression, result] = resultOf(example) ?? [];
    if (expression === undefined || result === undefined) continue;
    it(`gives what it says (${title})`, async () => {
      const exported = (await import(pathToFileURL(join(root, example.file)).href)) as object;
      const here = (text: string) => JSON.stringify(runInNewContext(`(${text})`, { ...exported }));
      assert.equal(here(expression), here(result));
    });
  }
});
