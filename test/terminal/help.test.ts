import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../../src/terminal/exitCodes.ts';
import { createProgram } from '../../src/terminal/main.ts';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { cli, run, type Ran } from './fixtures.ts';

const sources = join(import.meta.dirname, '..', '..', 'src');
const commands = ['serve', 'connect', 'run', 'login', 'logout', 'whoami', 'token', 'init', 'doctor'];

describe('the help', () => {
  const directory = temporaryDirectory();
  let tenant: DemoTenant;
  before(async () => {
    tenant = await startTenant();
  });
  after(async () => {
    await tenant.close();
    directory.remove();
  });
  const omnispindle = (...args: string[]): Promise<Ran> =>
    run({ tenant, directory: directory.path }, ...args);

  /** What the parser makes of it; the command itself does not run. */
  async function commandOf(args: readonly string[]): Promise<string | undefined> {
    const program = createProgram();
    let taken: string | undefined;
    for (const command of program.commands) {
      command.action(() => {
        taken = command.name();
      });
    }
    await program.parseAsync(args, { from: 'user' });
    return taken;
  }

  it('names every command, every exit code, and every variable that is read', async () => {
    const { stdout } = await omnispindle('--help');
    for (const command of commands) assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
    for (const code of [...Object.values(exitCodes), 130]) {
      assert.match(stdout, new RegExp(`^  ${String(code)} +\\w`, 'm'));
    }
    const read = readdirSync(join(sources, 'terminal'), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .flatMap(name => [
        ...readFileSync(join(sources, 'terminal', name), 'utf8').matchAll(
          /'((?:AUTH0|OMNISPINDLE)_[A-Z0-9_]+|CALLBACK_PORT|BROWSER)'/g,
        ),
      ])
      .map(match => match[1] ?? '');
    assert.ok(read.length > 5);
    for (const variable of read) assert.ok(stdout.includes(variable), variable);
  });

  for (const command of commands) {
    it(`of ${command} has examples that the parser takes`, async () => {
      const { code, stdout } = await omnispindle(command, '--help');
      assert.equal(code, 0);
      const [, examples = ''] = /Examples:\n((?: {2}.*\n)+)/.exec(stdout) ?? [];
      const lines = examples.trim().split('\n');
      assert.ok(lines.length > 0 && lines.every(line => line.includes(`omnispindle ${command}`)), stdout);
      for (const line of lines) {
        const [, words = ''] = /omnispindle ([^)|]*)/.exec(line) ?? [];
        const args = [...words.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
          ([, single, double, plain]) => single ?? double ?? plain ?? '',
        );
        assert.equal(await commandOf(args), command, line);
      }
    });
  }

  it('of a Node.js that is too old is to install a newer one', () => {
    const old = 'data:text/javascript,import module from "node:module"; delete module.enableCompileCache';
    for (const command of ['serve', 'whoami']) {
      const ran = spawnSync(process.execPath, ['--import', old, cli, command], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] ?? '', HOME: directory.path },
        timeout: 20_000,
      });
      assert.equal(ran.status, 1);
      assert.match(ran.stderr, /^omnispindle: .*needs Node\.js 24 or newer; this is \d+.*Install it.*\n$/);
    }
  });

  it('is offered, not shown, where a word is wrong', async () => {
    const wrong = await omnispindle('logn');
    assert.equal(wrong.code, exitCodes.usage);
    assert.match(wrong.stderr, /unknown command 'logn'\n\(Did you mean login\?\)\nAdd --help/);
    assert.ok(wrong.stderr.split('\n').length < 8, wrong.stderr);
  });

  it('of serve, started by hand on a terminal, is one line', () => {
    const text = execFileSync(
      'script',
      ['-qec', `'${process.execPath}' '${cli}' serve`, '/dev/null'],
      // Its terminal's input is at its end, as after Ctrl-D.
      { env: { PATH: process.env['PATH'] ?? '', HOME: directory.path }, stdio: ['ignore', 'pipe', 'ignore'] },
    ).toString();
    assert.match(text, /^This is an MCP server: .*omnispindle init --help/m);
  });

  it('and every output end quietly where nobody reads on', () => {
    const script = `'${process.execPath}' '${cli}' --help | true; echo "\${PIPESTATUS[0]}"`;
    const output = execFileSync('bash', ['-c', script], {
      env: { PATH: process.env['PATH'] ?? '', HOME: directory.path },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    assert.equal(output.toString(), '0\n');
  });
});
