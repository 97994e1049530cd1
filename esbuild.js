import { execFile } from 'node:child_process';
import {
  existsSync,
  globSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build, context } from 'esbuild';

// `npm run bundle` writes dist/; `npm run watch` keeps it up to date, to be debugged (F5).
const root = import.meta.dirname;
const source = join(root, 'src');
const watch = process.argv.includes('--watch');

/** @type {import('esbuild').BuildOptions} */
const shared = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  minify: !watch,
  // A release's maps are kept beside it and not packed; a debugger finds them only where the code names them.
  sourcemap: watch ? 'linked' : 'external',
  sourcesContent: false,
  metafile: true,
  format: 'esm',
  platform: 'node',
  mainFields: ['module', 'main'],
  // The Node.js of VS Code 1.105, our oldest, as `engines` in package.json has it.
  target: 'node22.19',
  external: ['vscode', '@napi-rs/keyring'],
  // Packages that are CommonJS call `require`.
  banner: {
    js: "import{createRequire as ɵr}from'node:module';const require=ɵr(import.meta.url),__filename=import.meta.filename;",
  },
  logLevel: watch ? 'info' : 'warning',
};

/** @type {import('esbuild').BuildOptions[]} */
const builds = [
  {
    ...shared,
    entryPoints: ['src/extension.ts'],
    chunkNames: 'extension/[name]-[hash]',
    // Not while watching: esbuild watches no file that a plugin has read.
    plugins: watch ? [] : [joinStart(join(root, 'src', 'extension.ts'))],
  },
  {
    ...shared,
    entryPoints: globSync('src/{cli,index,server}.ts', { cwd: root }),
    chunkNames: 'chunks/[name]-[hash]',
    alias: {
      '@modelcontextprotocol/server/_shims': './src/server/sdkShims.ts',
      // The same at run time: it adds types only.
      '@commander-js/extra-typings': 'commander',
    },
    plugins: watch ? [keepTools()] : [joinSmall()],
  },
];

if (watch) {
  /** @type {import('esbuild').Metafile[]} */
  const metafiles = [];
  for (const [i, options] of builds.entries()) {
    const record = {
      name: 'record',
      /** @param {import('esbuild').PluginBuild} build */
      setup({ onStart, onEnd }) {
        let started = new Date();
        onStart(() => {
          started = new Date();
        });
        onEnd(({ metafile }) => {
          if (!metafile) return;
          metafiles[i] = metafile;
          if (metafiles.filter(Boolean).length < builds.length) return;
          writeMetafile(merge(metafiles), started);
          // What .vscode/tasks.json waits for.
          process.stdout.write('The bundle is ready.\n');
        });
      },
    };
    await (await context({ ...options, plugins: [...(options.plugins ?? []), record] })).watch();
  }
} else {
  const started = new Date();
  const results = await Promise.all(builds.map(options => build(options)));
  const metafile = merge(results.map(result => result.metafile));
  removeEarlierOutputs(metafile);
  writeFileSync(join(root, 'THIRD-PARTY-NOTICES.txt'), notices(metafile));
  // Last, because the tests take a bundle with one for whole.
  writeMetafile(metafile, started);
}

/**
 * Keeps in one file all that an entry point needs at once. esbuild puts what two modules that load late have in common
 * with the entry point into a chunk for each such set, and an editor takes longer to load 19 files than one. What loads
 * late gets an import of the entry point here, so that the entry point's own modules belong to one set.
 * @param {string} entry
 * @returns {import('esbuild').Plugin}
 */
function joinStart(entry) {
  return {
    name: 'join-start',
    setup(build) {
      const src = join(root, 'src');
      const late = new Set(
        globSync('**/*.ts', { cwd: src }).flatMap(file =>
          Array.from(readFileSync(join(src, file), 'utf8').matchAll(/\bimport\('(\.[^']+)'\)/g), match =>
            join(src, file, '..', match[1] ?? ''),
          ),
        ),
      );
      build.onLoad({ filter: /\.ts$/ }, ({ path }) =>
        late.has(path)
          ? { contents: `import ${JSON.stringify(entry)};${readFileSync(path, 'utf8')}`, loader: 'ts' }
          : undefined,
      );
    },
  };
}

/**
 * Puts small modules of ours that are mostly needed together into one file each: those that `serve` loads at once, those
 * of the other commands, those of the bridges, and the rest. Without it each set of commands that share a module gets a
 * chunk for it: a start of `connect` read 92 files, and took a fifth longer. Whatever is loaded late and needs one of a
 * group imports all of it here. A module that needs a package is in no group, because it would bring that along.
 * @returns {import('esbuild').Plugin}
 */
function joinSmall() {
  const imports = readImports();
  const isDoor = (/** @type {string} */ path) => dirname(path) === source;
  const atOnce = closure(['cli.ts', 'terminal/compileCache.ts', 'terminal/serve.ts'], imports);
  const ofCommands = closure(['terminal/main.ts'], imports);
  // What says that a Node.js is too old must load there, so it loads nothing else.
  const onAnyNode = closure(['cli.ts', 'index.ts', 'server.ts', 'terminal/unsupportedRuntime.ts'], imports);
  const loadLate = new Set([...imports.values()].flatMap(({ late }) => late));
  const light = [...closure([...atOnce, ...loadLate], imports)].filter(
    path => !isDoor(path) && [...closure([path], imports)].every(each => imports.get(each)?.isLight),
  );
  const groupOf = (/** @type {string} */ path) => {
    if (atOnce.has(path)) return 'at once';
    if (ofCommands.has(path)) return 'commands';
    return relative(source, path).startsWith('bridge') ? 'bridge' : 'others';
  };
  const groups = Object.values(Object.groupBy(light, groupOf)).map((group = []) => group);
  return {
    name: 'join-small',
    setup(build) {
      const importsFor = (/** @type {string} */ path) => {
        if (onAnyNode.has(resolve(source, path))) return '';
        const own = closure([path], imports);
        const all = groups.filter(group => group.some(each => own.has(each))).flat();
        return all.map(each => `import ${JSON.stringify(each)};\n`).join('');
      };
      build.onLoad({ filter: /[\\/]src[\\/]\w+\.ts$/, namespace: 'file' }, ({ path }) => ({
        contents: `${readFileSync(path, 'utf8')}\n${importsFor(path)}`,
        loader: 'ts',
      }));
      // What is imported late is not what others import at once, or the two would import each other.
      build.onResolve({ filter: /^\..*\.ts$/ }, ({ kind, path, resolveDir }) =>
        kind === 'dynamic-import' && resolveDir.startsWith(source)
          ? { path: relative(source, resolve(resolveDir, path)).replaceAll('\\', '/'), namespace: 'late' }
          : undefined,
      );
      build.onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
        contents: `export * from ${JSON.stringify(`./${path}`)};\n${importsFor(path)}`,
        resolveDir: source,
        loader: 'ts',
      }));
    },
  };
}

/**
 * What each module of ours imports.
 * @returns {Map<string, { at: string[], late: string[], isLight: boolean }>}
 */
function readImports() {
  const light =
    /^(?:node:(?:crypto|events|fs|fs\/promises|module|os|path|timers\/promises|url|util)|@vscode\/l10n|get-east-asian-width)$/;
  return new Map(
    globSync('**/*.ts', { cwd: source }).map(file => {
      const path = join(source, file);
      const text = readFileSync(path, 'utf8');
      const pick = (/** @type {RegExp} */ pattern) =>
        Array.from(text.matchAll(pattern), ([, name = '']) => name);
      const ofOurs = (/** @type {string[]} */ names) =>
        names.filter(name => /^\..*\.ts$/.test(name)).map(name => resolve(path, '..', name));
      const at = pick(/^(?:import|export)\s(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm);
      const isLight = at.every(name => name.startsWith('.') || light.test(name));
      return [path, { at: ofOurs(at), late: ofOurs(pick(/\bimport\('([^']+)'\)/g)), isLight }];
    }),
  );
}

/**
 * Those modules of ours, and all that are loaded with them.
 * @param {string[]} starts
 * @param {ReturnType<typeof readImports>} imports
 */
function closure(starts, imports) {
  const found = new Set(starts.map(start => resolve(source, start)));
  for (const path of found) for (const next of imports.get(path)?.at ?? []) found.add(next);
  return found;
}

/**
 * Writes the list of tools again where a tool has changed, come or gone, before it is bundled.
 * @returns {import('esbuild').Plugin}
 */
function keepTools() {
  const server = join(root, 'src', 'server');
  let before = '';
  return {
    name: 'keep-tools',
    setup(build) {
      build.onStart(async () => {
        const files = globSync('{server,store}/**/*.ts', { cwd: join(root, 'src') }).sort();
        const now = JSON.stringify(files.map(file => [file, statSync(join(root, 'src', file)).mtimeMs]));
        if (now === before) return {};
        before = now;
        try {
          await promisify(execFile)(process.execPath, [join(root, 'test', 'server', 'generateTools.ts')]);
          return {};
        } catch (error) {
          const { stderr = String(error) } = /** @type {{ stderr?: string }} */ (error);
          return { errors: [{ text: /^\w*Error: (.*)/m.exec(stderr)?.[1] ?? stderr }] };
        }
      });
      // A file that is new there is imported by nothing yet.
      build.onLoad({ filter: /[\\/]generated[\\/]allTools\.ts$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8'),
        loader: 'ts',
        watchFiles: [path],
        watchDirs: [join(server, 'tools')],
      }));
    },
  };
}

/** @param {import('esbuild').Metafile[]} metafiles */
function merge(metafiles) {
  return {
    inputs: Object.assign({}, ...metafiles.map(({ inputs }) => inputs)),
    outputs: Object.assign({}, ...metafiles.map(({ outputs }) => outputs)),
  };
}

/**
 * Writes what the bundle was made of. Its time is that of the start: what changes during a build is newer.
 * @param {import('esbuild').Metafile} metafile
 * @param {Date} started
 */
function writeMetafile(metafile, started) {
  const path = join(root, 'dist', 'metafile.json');
  writeFileSync(path, JSON.stringify(metafile));
  utimesSync(path, started, started);
}

/**
 * A chunk's name changes with its content, and all that lies in dist/ is packed.
 * @param {import('esbuild').Metafile} metafile
 */
function removeEarlierOutputs({ outputs }) {
  for (const path of globSync('dist/{,chunks/,extension/}*.{js,js.map}', { cwd: root })) {
    if (!(path.replaceAll('\\', '/') in outputs)) rmSync(join(root, path));
  }
}

/**
 * The licences of all packages that are in the bundle.
 * @param {import('esbuild').Metafile} metafile
 * @throws Error where a package has none
 */
function notices({ inputs }) {
  const directories = new Set(
    Object.keys(inputs).flatMap(path => /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? []),
  );
  const packages = Array.from(directories, directory => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(root, directory, 'package.json'), 'utf8'),
    );
    return { title: `${name} ${version} (${license})`, text: licenseText(join(root, directory), name) };
  });
  packages.sort((a, b) => (a.title < b.title ? -1 : 1));
  const line = '-'.repeat(80);
  const parts = packages.map(({ title, text }) => `${line}\n${title}\n${line}\n\n${text}\n`);
  return `Omnispindle contains the following packages.\n\n${parts.join('\n')}`;
}

/**
 * What a package says of its licence, and what must be passed on with it (Apache-2.0, section 4d).
 * @param {string} directory
 * @param {string} name
 */
function licenseText(directory, name) {
  const byHand = join(root, 'docs', 'licenses', `${name.replace('/', '+')}.txt`);
  const files = readdirSync(directory)
    .filter(file => /^(?:licen[cs]e|copying|notice)\b/i.test(file))
    .map(file => join(directory, file));
  if (files.length === 0 && existsSync(byHand)) files.push(byHand);
  const text = files.map(file => readFileSync(file, 'utf8').trim()).join('\n\n');
  if (text === '') {
    throw new Error(
      `The bundle contains ${name}, and its package has no licence text. Look for it in its repository and write it into ${byHand}.`,
    );
  }
  return text.replaceAll('\r\n', '\n');
}
