import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { temporaryDirectory, useDirectory } from '../auth/fixtures.ts';
import { stranger } from '../platform/plants.ts';
import { cli } from './fixtures.ts';
import { describeNeeds, itNeeds } from '../needs.ts';

const dist = dirname(cli);
const evil = 'What somebody else has compiled was executed.';
/** Where an entry of Node.js's compile cache has size and checksum of the source it was made of (`src/compile_cache.cc`). */
const sizeAt = 4;
const checksumAt = 12;

/** The file that a command other than `serve` loads first, after the door. */
const main = /import\("\.\/(chunks\/main-\w+\.js)"\)/.exec(readFileSync(cli, 'utf8'))?.[1] ?? '';

describeNeeds(['a POSIX system'], '[T7] compiled code', function () {
  this.timeout(60_000);
  const given = useDirectory();
  const copy = temporaryDirectory();
  const program = join(copy.path, 'dist');
  const planted = join(copy.path, 'planted');

  before(() => {
    chmodSync(copy.path, 0o755);
    cpSync(dist, program, { recursive: true });
    cpSync(join(dist, '..', 'package.json'), join(copy.path, 'package.json'));
    compileEvil();
  });
  after(() => {
    copy.remove();
  });

  /** Makes a cache whose entry for that file was compiled of other code, and says that it was not. */
  function compileEvil(): void {
    const path = join(program, main);
    const genuine = readFileSync(path);
    const code = `export const main=0;process.stdout.write(${JSON.stringify(evil)});process.exit(0);`;
    // V8 looks at the length of the source only.
    writeFileSync(path, code.padEnd(genuine.toString().length, ' '));
    execFileSync(process.execPath, [join(program, 'cli.js'), '--version'], {
      env: { HOME: copy.path, NODE_COMPILE_CACHE: planted },
    });
    const other = crc32(readFileSync(path));
    writeFileSync(path, genuine);
    let patched = 0;
    for (const entry of readdirSync(planted, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const bytes = readFileSync(file);
      if (bytes.readUInt32LE(checksumAt) !== other) continue;
      bytes.writeUInt32LE(genuine.length, sizeAt);
      bytes.writeUInt32LE(crc32(genuine), checksumAt);
      writeFileSync(file, bytes);
      patched++;
    }
    assert.equal(patched, 1);
  }

  const data = () => join(given.path, 'data');
  const cache = () => join(data(), 'compile-cache');

  /** Runs a command that says its version. @returns what it wrote */
  function says(env: Record<string, string> = {}): string {
    return execFileSync(process.execPath, [join(program, 'cli.js'), '--version'], {
      env: { HOME: given.path, OMNISPINDLE_DATA_DIR: data(), ...env },
      encoding: 'utf8',
    });
  }

  const own = process.getuid?.() ?? 0;

  function copyPlanted(path: string, mode: number, uid: number): void {
    cpSync(planted, path, { recursive: true });
    execFileSync('chown', ['-R', String(uid), path]);
    chmodSync(path, mode);
  }

  it('of somebody else is executed where the person names its directory, so that the tests below mean something', () => {
    assert.equal(says({ NODE_COMPILE_CACHE: planted }), evil);
    assert.equal(existsSync(cache()), false);
  });

  const ofStranger: Record<string, () => void> = {
    'in the temporary directory': () => {
      copyPlanted(join(given.path, 'node-compile-cache'), 0o755, stranger);
    },
    'in a directory of theirs at the place of ours': () => {
      mkdirSync(data(), { mode: 0o700 });
      copyPlanted(cache(), 0o755, stranger);
    },
    'behind a link at the place of ours': () => {
      mkdirSync(data(), { mode: 0o700 });
      copyPlanted(join(given.path, 'theirs'), 0o755, stranger);
      symlinkSync(join(given.path, 'theirs'), cache());
    },
    'in a data directory of theirs': () => {
      mkdirSync(data(), { mode: 0o755 });
      chownSync(data(), stranger, stranger);
      copyPlanted(cache(), 0o700, own);
    },
  };
  const ofOpenPlaces: Record<string, () => void> = {
    'in our directory, which all could write into': () => {
      mkdirSync(data(), { mode: 0o700 });
      copyPlanted(cache(), 0o777, own);
    },
    'in our directory, in a data directory that a group could write into': () => {
      mkdirSync(data());
      chmodSync(data(), 0o770);
      copyPlanted(cache(), 0o700, own);
    },
    'in a data directory that others could rename': () => {
      mkdirSync(join(given.path, 'shared'));
      chmodSync(join(given.path, 'shared'), 0o777);
      mkdirSync(data(), { mode: 0o700 });
      copyPlanted(cache(), 0o700, own);
      renameSync(data(), join(given.path, 'shared', 'data'));
      symlinkSync(join(given.path, 'shared'), join(given.path, 'home'));
    },
  };
  for (const [needs, name, plant] of [
    ...Object.entries(ofStranger).map(plant => [['root'], ...plant] as const),
    ...Object.entries(ofOpenPlaces).map(plant => [['a POSIX system'], ...plant] as const),
  ] as const) {
    itNeeds(needs, `of somebody else is not executed: ${name}`, () => {
      plant();
      const shared = join(given.path, 'home', 'data');
      const env = { TMPDIR: given.path, ...(existsSync(shared) && { OMNISPINDLE_DATA_DIR: shared }) };
      assert.match(says(env), /^\d+\.\d+\.\d+\n$/);
    });
  }

  it('is kept in a directory that only the user can enter, and used', () => {
    says({ TMPDIR: given.path });
    assert.equal(statSync(cache()).mode & 0o777, 0o700);
    assert.ok(readdirSync(cache(), { recursive: true }).length > 2);
    assert.deepEqual(readdirSync(given.path), ['data']);
    for (const entry of readdirSync(planted)) {
      cpSync(join(planted, entry), join(cache(), entry), { recursive: true });
    }
    assert.equal(says(), evil);
  });

  itNeeds(['root'], 'is not kept, and nothing else is different, where there is no place for it', () => {
    const version = says({ NODE_DISABLE_COMPILE_CACHE: '1' });
    assert.equal(existsSync(data()), false);
    writeFileSync(join(given.path, 'file'), '');
    chmodSync(given.path, 0o755);
    for (const named of [join(given.path, 'file', 'data'), data(), 'data', '${HOME}/data']) {
      const env = { HOME: given.path, OMNISPINDLE_DATA_DIR: named };
      assert.deepEqual(asStranger(env), [version, ''], named);
      const [stdout, stderr] = asStranger({ ...env, OMNISPINDLE_DEBUG: '1' });
      assert.equal(stdout, version, named);
      assert.match(stderr, /^omnispindle: There is no compile cache: /, named);
    }
    assert.deepEqual(readdirSync(given.path), ['file']);
  });

  /** Runs the command as somebody who can read that home, and write nothing in it. @returns what it wrote */
  function asStranger(env: Record<string, string>): [stdout: string, stderr: string] {
    const { stdout, stderr } = spawnSync(process.execPath, [join(program, 'cli.js'), '--version'], {
      env,
      cwd: given.path,
      encoding: 'utf8',
      uid: stranger,
      gid: stranger,
    });
    return [stdout, stderr];
  }
});
