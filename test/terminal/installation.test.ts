import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryIn, useInstalling, version } from './installing.ts';

describe('what init has installed', () => {
  const given = useInstalling();

  it('[T8] is taken out of one client, then of all, with the copy, and what else they hold stays', async () => {
    const text = '{\n  "mcpServers": {\n    "a": { "command": "x" } // mine\n  }\n}\n';
    mkdirSync(join(given.path, '.cursor'));
    writeFileSync(given.cursor, text);
    const toml = join(given.path, '.codex', 'config.toml');
    mkdirSync(join(given.path, '.codex'));
    writeFileSync(toml, 'model = "x"\n');
    await given.init(['--client', 'cursor']);
    await given.init(['--client', 'codex']);
    const one = await given.init(['--remove', '--client', 'cursor']);
    assert.equal(one['changed'], true);
    assert.match(readFileSync(String(one['backup']), 'utf8'), /"omnispindle"/);
    assert.equal(readFileSync(given.cursor, 'utf8'), text);
    assert.equal(given.copies().length, 1);
    const all = await given.init(['--remove']);
    assert.deepEqual(
      (all['clients'] as { client: string }[]).map(({ client }) => client),
      ['codex'],
    );
    assert.equal(readFileSync(toml, 'utf8'), 'model = "x"\n');
    assert.ok(!existsSync(given.installed));
    assert.equal((await given.init(['--remove', '--client', 'cursor']))['changed'], false);
  });

  it('[T8] stays where a client still names it in an entry of the person’s own', async () => {
    await given.init(['--client', 'cursor']);
    const { command, args } = entryIn(given.cursor);
    const own = { notes: { command, args: [args[0], 'connect', 'https://example.com/mcp'] } };
    writeFileSync(join(given.path, '.claude.json'), JSON.stringify({ mcpServers: own }));
    const { stdout } = await given.omnispindle(['init', '--remove']);
    assert.match(stdout, /What was installed stays/);
    assert.equal(given.copies().length, 1);
  });

  it('[T8] is checked by doctor: whether it is there, whether it is old, and who uses npx', async () => {
    const lines = async (script?: string) => {
      const { stdout } = await given.omnispindle(['doctor'], script === undefined ? {} : { script });
      return stdout.split('\n').filter(line => line.includes('Installation'));
    };
    await given.init(['--client', 'cursor']);
    await given.init(['--client', 'gemini', '--npx']);
    const [well, npx] = await lines();
    assert.match(well ?? '', new RegExp(`✔ .*Cursor starts the installed version ${version}`));
    assert.match(npx ?? '', /! .*Gemini CLI starts Omnispindle with npx.*init --client gemini/);
    const [old] = await lines(given.newerScript);
    assert.match(
      old ?? '',
      /✘ .*Cursor starts version .* older than this one.*npx -y omnispindle@latest init$/,
    );
    const text = readFileSync(given.cursor, 'utf8');
    writeFileSync(given.cursor, text.replace(JSON.stringify(entryIn(given.cursor).command), '"/gone/node"'));
    assert.match(
      (await lines())[0] ?? '',
      /✘ .*with \/gone\/node, which is not there any more.*init --client cursor/,
    );
    rmSync(join(given.installed, given.copies()[0] ?? ''), { recursive: true });
    writeFileSync(given.cursor, text);
    assert.match((await lines())[0] ?? '', /✘ .*what Cursor starts .* is gone.*omnispindle@latest init/);
    // The same command corrects it.
    await given.init();
    assert.match((await lines())[0] ?? '', /✔/);
    assert.ok(realpathSync(entryIn(given.cursor).args[0] ?? ''));
  });
});
