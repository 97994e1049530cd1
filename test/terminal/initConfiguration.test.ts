import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { useDirectory } from '../auth/fixtures.ts';
import { run, type Ran } from './fixtures.ts';
import { describeNeeds, itNeeds, type Need } from '../needs.ts';

/** As plain objects, which compare. */
const parseToml = (text: string): unknown => JSON.parse(JSON.stringify(parse(text)));

const nobody = 65_534;

/** Makes the client edit a file each time it was read, as often as that. */
function editsAfterRead(path: string, times: number): string {
  return `data:text/javascript,${encodeURIComponent(`
    import fs, { promises } from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    let edits = 0;
    const edit = () => {
      if (edits === ${String(times)}) return;
      edits += 1;
      fs.writeFileSync(${JSON.stringify(path)}, JSON.stringify({ edits, mcpServers: {} }));
    };
    const isIt = name => String(name) === ${JSON.stringify(path)};
    const { readFile, open } = promises;
    promises.readFile = async (name, ...rest) => {
      const read = await readFile(name, ...rest);
      if (isIt(name)) edit();
      return read;
    };
    promises.open = async (name, ...rest) => {
      const file = await open(name, ...rest);
      const close = file.close.bind(file);
      if (isIt(name)) file.close = async () => { await close(); edit(); };
      return file;
    };
    syncBuiltinESMExports();`)}`;
}

describeNeeds(['a POSIX system'], 'a client’s configuration that init changes', () => {
  const given = useDirectory();

  function init(
    client: string,
    { args = ['--npx'], uid, env }: { args?: string[]; uid?: number; env?: Record<string, string> } = {},
  ): Promise<Ran> {
    const surroundings = {
      tenant: defaultTenant,
      directory: given.path,
      env: { XDG_CONFIG_HOME: join(given.path, '.config'), ...env },
      ...(uid !== undefined && { uid }),
    };
    return run(surroundings, 'init', '--client', client, ...args);
  }

  const cursor = () => join(given.path, '.cursor', 'mcp.json');
  beforeEach(() => {
    mkdirSync(join(given.path, '.cursor'));
  });

  it('[T17] keeps an edit that the client makes in between', async () => {
    writeFileSync(cursor(), '{"edits": 0}');
    const ran = await init('cursor', { env: { NODE_OPTIONS: `--import=${editsAfterRead(cursor(), 2)}` } });
    assert.equal(ran.code, 0, ran.stderr);
    const { edits, mcpServers } = JSON.parse(readFileSync(cursor(), 'utf8')) as Record<string, object>;
    assert.equal(edits, 2);
    assert.ok(mcpServers && 'omnispindle' in mcpServers);
    const [backup = '', ...others] = readdirSync(join(given.path, '.cursor')).filter(
      name => name !== 'mcp.json',
    );
    assert.deepEqual(others, []);
    assert.match(readFileSync(join(given.path, '.cursor', backup), 'utf8'), /"edits":2/);
  });

  it('[T17] is given up where the client writes it again and again, and says so', async () => {
    writeFileSync(cursor(), '{"edits": 0}');
    const ran = await init('cursor', {
      env: { NODE_OPTIONS: `--import=${editsAfterRead(cursor(), 1_000)}` },
    });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /again and again; nothing was changed\. Close that program/);
    assert.doesNotMatch(readFileSync(cursor(), 'utf8'), /omnispindle/);
    assert.deepEqual(readdirSync(join(given.path, '.cursor')), ['mcp.json']);
  });

  itNeeds(['root'], '[T17] keeps its mode and owner, and its backup is for nobody else', async () => {
    writeFileSync(cursor(), '{"env": {"TOKEN": "s3cret"}}');
    chownSync(cursor(), 0, nobody);
    chmodSync(cursor(), 0o664);
    assert.equal((await init('cursor')).code, 0);
    const { mode, uid, gid } = statSync(cursor());
    assert.deepEqual([mode & 0o777, uid, gid], [0o664, 0, nobody]);
    const backup = readdirSync(join(given.path, '.cursor')).find(name => name.includes('backup')) ?? '';
    assert.equal(statSync(join(given.path, '.cursor', backup)).mode & 0o777, 0o600);
    // One that is new may get secrets, too.
    await init('claude-code');
    assert.equal(statSync(join(given.path, '.claude.json')).mode & 0o777, 0o600);
  });

  for (const [name, place, message] of [
    ['a FIFO', path => execFileSync('mkfifo', [path]), /is a pipe \(FIFO\), not a file/],
    ['a directory', path => mkdirSync(path), /is a directory, not a file/],
    ['a device', path => symlinkSync('/dev/zero', path), /is a device, not a file/],
    [
      'a link that leads nowhere',
      path => symlinkSync('/nowhere/at/all', path),
      /is a link that leads nowhere/,
    ],
    ['a link that leads to itself', path => symlinkSync(path, path), /is a link that leads nowhere/],
    [
      'another user’s',
      path => {
        writeFileSync(path, '{}', { mode: 0o666 });
        chownSync(path, nobody, nobody);
      },
      /belongs to another user/,
    ],
    ['read-only', path => writeFileSync(path, '{}', { mode: 0o444 }), /could not be written \(EACCES\)/],
    [
      'larger than any client’s',
      path => {
        writeFileSync(path, '{}');
        truncateSync(path, 17 * 1024 * 1024);
      },
      /is larger than 16 MiB/,
    ],
    ['nested without end', path => writeFileSync(path, '['.repeat(100_000)), /is nested too deeply/],
    [
      'nested without end, but well-formed',
      path => writeFileSync(path, `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
      /is nested too deeply/,
    ],
  ] as [string, (path: string) => unknown, RegExp][]) {
    const needs: readonly Need[] = name === 'another user’s' ? ['root'] : ['a POSIX system'];
    itNeeds(needs, `[T17] is not touched where it is ${name}, which is said`, async () => {
      place(cursor());
      const before = lstatSync(cursor());
      for (const args of [['--npx'], ['--print', '--npx'], ['--remove']]) {
        // What is only shown may be read-only, and there is nothing to remove from an empty one.
        if (args[0] !== '--npx' && /^read-only/.test(name)) continue;
        if (args[0] === '--remove' && name.startsWith('nested')) continue;
        const { code, stdout, stderr } = await init('cursor', { args });
        assert.ok(code === 1 || code === 2, stdout);
        assert.match(stderr, message);
        if (args[0] !== '--print') assert.match(stderr, /nothing was changed/);
      }
      const { ino, size, mtimeMs, mode } = lstatSync(cursor());
      assert.deepEqual(
        { ino, size, mtimeMs, mode },
        { ino: before.ino, size: before.size, mtimeMs: before.mtimeMs, mode: before.mode },
      );
      assert.deepEqual(readdirSync(join(given.path, '.cursor')), ['mcp.json']);
    });
  }

  it('[T17] is not touched where its TOML is nested without end', async () => {
    mkdirSync(join(given.path, '.codex'));
    const path = join(given.path, '.codex', 'config.toml');
    for (const text of [`${'a.'.repeat(100_000)}a = 1\n`, `a = ${'['.repeat(100_000)}`]) {
      writeFileSync(path, text);
      const { code, stderr } = await init('codex');
      assert.equal(code, 2);
      assert.match(stderr, /nested too deeply|is not valid TOML/);
      assert.match(stderr, /nothing was changed/);
      assert.equal(readFileSync(path, 'utf8'), text);
    }
  });

  it('[T17] is not looked for in the working directory, whatever the client’s variable says', async () => {
    const { code, stderr } = await init('codex', { env: { CODEX_HOME: 'codex' } });
    assert.equal(code, 2);
    assert.match(stderr, /The configuration of Codex would be codex.config\.toml.*absolute path/);
    assert.ok(!readdirSync(given.path).includes('codex'));
  });

  describe('as before', () => {
    it('leaves the rest byte for byte, and keeps a backup', async () => {
      const path = join(given.path, '.cursor', 'mcp.json');
      const before =
        '{\r\n\t// mine\r\n\t"mcpServers": {\r\n\t\t"other": { "command":   "x" }, // odd\r\n\t},\r\n\t"z": 1\r\n}';
      writeFileSync(path, before);
      await init('cursor');
      const after = readFileSync(path, 'utf8');
      for (const piece of ['\t// mine\r\n', '"other": { "command":   "x" }', '// odd', '\t"z": 1\r\n}']) {
        assert.ok(after.includes(piece), after);
      }
      const backup = readdirSync(join(given.path, '.cursor')).find(name => name.includes('backup')) ?? '';
      assert.equal(readFileSync(join(given.path, '.cursor', backup), 'utf8'), before);
      mkdirSync(join(given.path, '.codex'));
      const toml = '# mine\nmodel = "x"\n\n[mcp_servers.other]\ncommand = "y"\n';
      writeFileSync(join(given.path, '.codex', 'config.toml'), toml);
      await init('codex');
      assert.ok(readFileSync(join(given.path, '.codex', 'config.toml'), 'utf8').startsWith(toml));
    });

    it('replaces its own entry and nothing else', async () => {
      mkdirSync(join(given.path, '.codex'));
      const path = join(given.path, '.codex', 'config.toml');
      writeFileSync(path, 'a = 1\n[mcp_servers.omnispindle]\ncommand = "old"\n\n[b]\nc = 2\n');
      await init('codex');
      const text = readFileSync(path, 'utf8');
      assert.deepEqual(parseToml(text), {
        a: 1,
        mcp_servers: { omnispindle: { command: 'npx', args: ['-y', 'omnispindle', 'serve'] } },
        b: { c: 2 },
      });
      assert.ok(text.endsWith('\n\n[b]\nc = 2\n'), text);
    });

    it('follows a symbolic link, and keeps the mode of what it leads to', async () => {
      const target = join(given.path, 'dotfiles.json');
      const link = join(given.path, '.claude.json');
      writeFileSync(target, '{}', { mode: 0o600 });
      symlinkSync(target, link);
      assert.equal((await init('claude-code')).code, 0);
      assert.equal(readlinkSync(link), target);
      assert.match(readFileSync(target, 'utf8'), /"omnispindle"/);
      assert.equal(statSync(target).mode & 0o777, 0o600);
    });

    itNeeds(
      ['root'],
      'leaves what it may not write as it is, says so, and leaves nothing lying about',
      async () => {
        const folder = join(given.path, '.cursor');
        const path = join(folder, 'mcp.json');
        writeFileSync(path, '{}', { mode: 0o444 });
        // Root may write everything.
        for (const name of [given.path, folder, path]) chownSync(name, nobody, nobody);
        const ran = await init('cursor', { uid: nobody });
        assert.equal(ran.code, 1);
        assert.match(ran.stderr, /mcp\.json could not be written \(EACCES\); nothing was changed/);
        chmodSync(path, 0o644);
        chmodSync(folder, 0o555);
        const full = await init('cursor', { uid: nobody });
        assert.match(full.stderr, /could not be written \(EACCES\); nothing was changed/);
        assert.equal(readFileSync(path, 'utf8'), '{}');
        assert.deepEqual(readdirSync(folder), ['mcp.json']);
        chmodSync(path, 0o000);
        assert.match(
          (await init('cursor', { uid: nobody })).stderr,
          /mcp\.json could not be read \(EACCES\)/,
        );
      },
    );

    it('leaves a file in another encoding as it is', async () => {
      const path = join(given.path, '.claude.json');
      const before = Buffer.from('{"a":"\xe9"}', 'latin1');
      writeFileSync(path, before);
      const ran = await init('claude-code');
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, /not UTF-8 text; nothing was changed/);
      assert.deepEqual(readFileSync(path), before);
    });

    it('changes nothing where the file cannot be read, and shows without writing', async () => {
      mkdirSync(join(given.path, '.gemini'));
      const path = join(given.path, '.gemini', 'settings.json');
      writeFileSync(path, '{ "mcpServers": ');
      const ran = await init('gemini');
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, /not valid JSON at line 1, column 17; nothing was changed/);
      assert.equal(readFileSync(path, 'utf8'), '{ "mcpServers": ');
      assert.deepEqual(readdirSync(join(given.path, '.gemini')), ['settings.json']);
      assert.match((await init('windsurf', { args: ['--print'] })).stdout, /"omnispindle"/);
      assert.ok(!readdirSync(given.path).includes('.codeium'));
      assert.equal((await init('emacs')).code, 2);
    });
  });
});
