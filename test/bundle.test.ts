import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { useDirectory } from './auth/fixtures.ts';
import { freshBundle } from './bundle.ts';

const root = join(import.meta.dirname, '..');

describe('[12] the bundle of a checkout', () => {
  const given = useDirectory();

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(given.path, path)), { recursive: true });
    writeFileSync(join(given.path, path), text);
  }

  beforeEach(() => {
    cpSync(join(root, 'esbuild.js'), join(given.path, 'esbuild.js'));
    write('package.json', '{"type":"module"}');
    write('package-lock.json', '{}');
    write('tsconfig.json', '{}');
    for (const door of ['extension', 'cli', 'index']) write(`src/${door}.ts`, `import('./part.ts');`);
    write('src/part.ts', `import { one } from 'one'; console.log(one);`);
    write('node_modules/one/package.json', '{"name":"one","version":"1.2.3","license":"ISC"}');
    write('node_modules/one/index.js', 'exports.one = 1;');
    write('node_modules/one/License.md', 'Copyright (c) One.');
    symlinkSync(
      join(root, 'node_modules', 'esbuild'),
      join(given.path, 'node_modules', 'esbuild'),
      'junction',
    );
  });

  const build = () => {
    execFileSync(process.execPath, ['esbuild.js'], { cwd: given.path });
  };
  const minuteFromNow = () => Date.now() / 1_000 + 60;
  const change = (path: string) => {
    utimesSync(join(given.path, path), minuteFromNow(), minuteFromNow());
  };

  it('is taken as it is while nothing in it has changed', () => {
    build();
    write('src/unused.ts', '');
    change('src/unused.ts');
    assert.equal(freshBundle(given.path), join(given.path, 'dist'));
  });

  it('is refused, with what to do, where it was never made', () => {
    assert.throws(() => freshBundle(given.path), /dist is missing.*npm run bundle/);
  });

  for (const path of ['src/part.ts', 'esbuild.js', 'tsconfig.json', 'package-lock.json']) {
    it(`is refused, and accepted after a build, where ${path} is newer`, () => {
      build();
      change(path);
      assert.throws(() => freshBundle(given.path), new RegExp(`older than ${path}.*npm run bundle`));
      write(path, readFileSync(join(given.path, path), 'utf8'));
      build();
      freshBundle(given.path);
    });
  }

  it('is refused where one of its sources was removed', () => {
    build();
    rmSync(join(given.path, 'src/part.ts'));
    assert.throws(() => freshBundle(given.path), /older than src\/part\.ts/);
  });

  it('keeps no file of an earlier build', () => {
    build();
    const chunks = () => readdirSync(join(given.path, 'dist', 'chunks')).filter(name => name.endsWith('.js'));
    const before = chunks();
    write('src/part.ts', `import { one } from 'one'; console.log(one + one);`);
    build();
    assert.equal(chunks().length, before.length);
    assert.notDeepEqual(chunks(), before);
  });

  it('has small modules that are mostly needed together in one file, which whatever loads late shares', () => {
    for (const name of ['first', 'second']) {
      write(`src/common/${name}.ts`, `export const ${name} = '${name} one';`);
    }
    write('src/terminal/both.ts', `export * from '../common/first.ts'; export * from '../common/second.ts';`);
    write('src/terminal/one.ts', `export * from '../common/second.ts';`);
    write(
      'src/cli.ts',
      `console.log(await import('./terminal/both.ts'), await import('./terminal/one.ts'));`,
    );
    build();
    const dist = join(given.path, 'dist', 'chunks');
    const texts = readdirSync(dist, { encoding: 'utf8' })
      .filter(name => name.endsWith('.js'))
      .map(name => readFileSync(join(dist, name), 'utf8'));
    const withFirst = texts.filter(text => text.includes('first one'));
    assert.deepEqual(
      withFirst.map(text => text.includes('second one')),
      [true],
    );
    const said = execFileSync(process.execPath, ['dist/cli.js'], { cwd: given.path, encoding: 'utf8' });
    assert.match(said, /first one[^]*second one[^]*second one/);
  });

  it('comes with a map for each of its files, which no file names', () => {
    build();
    const dist = join(given.path, 'dist');
    const scripts = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(n => n.endsWith('.js'));
    for (const script of scripts) {
      assert.ok(existsSync(join(dist, `${script}.map`)), script);
      assert.doesNotMatch(readFileSync(join(dist, script), 'utf8'), /sourceMappingURL/);
    }
  });

  describe('has notices of the packages in it, which', () => {
    const notices = () => readFileSync(join(given.path, 'THIRD-PARTY-NOTICES.txt'), 'utf8');

    it('name each with its version, its licence and the text of it', () => {
      write('node_modules/one/NOTICE', 'One contains a part of Two.');
      build();
      assert.match(
        notices(),
        /\none 1\.2\.3 \(ISC\)\n-+\n\nCopyright \(c\) One\.\n\nOne contains a part of Two\.\n/,
      );
    });

    it('are not written, and no bundle is made, where one has no licence text', () => {
      rmSync(join(given.path, 'node_modules/one/License.md'));
      const { status, stderr } = spawnSync(process.execPath, ['esbuild.js'], {
        cwd: given.path,
        encoding: 'utf8',
      });
      assert.equal(status, 1);
      assert.match(stderr, /contains one, .*no licence text.*docs.licenses.one\.txt/);
      assert.throws(() => freshBundle(given.path), /is missing/);
    });

    it('take a text from docs/licenses where the package has none', () => {
      rmSync(join(given.path, 'node_modules/one/License.md'));
      write('docs/licenses/one.txt', 'From the repository of One.');
      build();
      assert.match(notices(), /From the repository of One\./);
    });
  });
});
