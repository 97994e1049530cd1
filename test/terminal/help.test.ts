import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../../src/terminal/exitCodes.ts';
import { createProgram } from '../../src/terminal/main.ts';
import { connectAdvice } from '../../src/terminal/usage.ts';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { commands } from './commandNames.ts';
import { cli, run, type Ran } from './fixtures.ts';
import { startOnTerminal } from './onTerminal.ts';
import { describeNeeds, itNeeds } from '../needs.ts';

const root = join(import.meta.dirname, '..', '..');
const sources = join(root, 'src');

describeNeeds(['a POSIX system'], 'the help', () => {
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
    const { stdout: general } = await omnispindle('--help');
    for (const command of commands) assert.match(general, new RegExp(`^  ${command} `, 'm'));
    const { stdout } = await omnispindle('help', 'environment');
    const { stdout: codes } = await omnispindle('help', 'exit-codes');
    for (const code of [...Object.values(exitCodes), 130]) {
      assert.match(codes, new RegExp(`^  ${String(code)} +\\w`, 'm'));
    }
    const read = readdirSync(join(sources, 'terminal'), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .flatMap(name => [
        ...readFileSync(join(sources, 'terminal', name), 'utf8').matchAll(
          /'((?:AUTH0|DATABASE|OMNISPINDLE)_[A-Z0-9_]+|CALLBACK_PORT|BROWSER)'/g,
        ),
      ])
      .map(match => match[1] ?? '');
    assert.ok(read.length > 5);
    for (const variable of [...read, 'DATABASE_URL_FILE', 'DATABASE_MIGRATION_URL_FILE']) {
      assert.match(stdout, new RegExp(`\\b${variable}\\b`));
    }
  });

  it('names no variable of a team’s server that the documents it points to leave out', async () => {
    const { stdout } = await omnispindle('help', 'environment');
    const [, list = ''] =
      /docs\/team-server\.md\s+and\s+docs\/team-operations\.md say:([^]*)/.exec(stdout) ?? [];
    const documents = ['team-server.md', 'team-operations.md'].map(name =>
      readFileSync(join(root, 'docs', name), 'utf8'),
    );
    const variables = list.trim().split(/,\s+/);
    assert.ok(variables.length > 5, stdout);
    for (const variable of variables) {
      assert.ok(
        documents.some(text => text.includes(`\`${variable}`)),
        variable,
      );
    }
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

  it('[F7] fits a screen of 24 lines and 80 columns', async () => {
    const { stdout } = await omnispindle('--help');
    const lines = stdout.trimEnd().split('\n');
    assert.ok(lines.length <= 24, `${String(lines.length)} lines`);
    for (const line of lines) assert.ok(line.length <= 80, line);
  });

  for (const [word, meant] of [
    ['signin', 'login'],
    ['auth', 'login'],
    ['sign-out', 'logout'],
    ['setup', 'init'],
    ['uninstall', 'init --remove'],
    ['accounts', 'status'],
    ['start', 'serve'],
    ['version', '--version'],
    ['statsu', 'status'],
  ] as const) {
    it(`[F7] suggests "${meant}" to who types "${word}"`, async () => {
      const { code, stderr } = await omnispindle(word);
      assert.equal(code, exitCodes.usage);
      assert.match(stderr, new RegExp(`^error: unknown command '${word}'\n\\(Did you mean ${meant}\\?\\)\n`));
    });
  }

  it('[F7] suggests nothing to a word that is like none of ours', async () => {
    assert.doesNotMatch((await omnispindle('constructor')).stderr, /Did you mean/);
  });

  it('is offered, not shown, where a word is wrong', async () => {
    const wrong = await omnispindle('logn');
    assert.equal(wrong.code, exitCodes.usage);
    assert.match(wrong.stderr, /unknown command 'logn'\n\(Did you mean login\?\)\nAdd --help/);
    assert.ok(wrong.stderr.split('\n').length < 8, wrong.stderr);
  });

  it('of connect knows every option of mcp-remote: it takes it, or says what to do instead', async () => {
    const peer = readFileSync(join(root, 'node_modules', 'mcp-remote', 'README.md'), 'utf8');
    const { stdout } = await omnispindle('connect', '--help');
    const options = new Set(peer.match(/(?<![\w-])--[a-z]+[a-z0-9-]*/g));
    const others = [...options].filter(
      option => !stdout.includes(` ${option} `) && option !== '--enable-proxy',
    );
    assert.ok(options.size > 20 && others.length > 10);
    for (const option of others) {
      assert.notEqual(connectAdvice(`error: unknown option '${option}'`), '', option);
    }
    const { code, stderr } = await omnispindle('connect', 'https://example.com/mcp', '--device-code');
    assert.equal(code, exitCodes.usage);
    assert.match(stderr, /unknown option '--device-code'\nLeave it out: .*omnispindle login --device\n/);
  });

  it('never repeats a value, which may be a secret', async () => {
    const address = 'https://example.com/mcp?key=S3CRET';
    const port = await omnispindle('connect', address, '9696');
    assert.match(port.stderr, /too many arguments for 'connect'.*got 2\.\nGive one address\..*CALLBACK_PORT/);
    const split = await omnispindle('connect', 'https://example.com/mcp', '--header', 'X-Key:', 'S3CRET');
    assert.match(split.stderr, /A header with a space in it needs quotes/);
    const mistyped = await omnispindle('connect', address, "--headers=X-Key: it's S3CRET");
    assert.match(mistyped.stderr, /unknown option '--headers'/);
    const token = await omnispindle('login', '--token=S3CRET');
    assert.match(token.stderr, /unknown option '--token'/);
    for (const { code, stderr } of [port, split, mistyped, token]) {
      assert.equal(code, exitCodes.usage);
      assert.doesNotMatch(stderr, /S3CRET/);
    }
  });

  itNeeds(['Linux'], 'of serve, started by hand on a terminal, is one line', async () => {
    // A terminal that does not know its width: the line is not broken.
    const options = { columns: 0 };
    const terminal = startOnTerminal({ tenant, directory: directory.path }, ['serve'], options);
    await terminal.shows(/^This is an MCP server: .*omnispindle init --help/m);
    terminal.type('\u0004');
    assert.equal((await terminal.ended).code, 0);
  });

  itNeeds(['a POSIX system'], 'and every output end quietly where nobody reads on', () => {
    const script = `'${process.execPath}' '${cli}' --help | true; echo "\${PIPESTATUS[0]}"`;
    const output = execFileSync('bash', ['-c', script], {
      env: { PATH: process.env['PATH'] ?? '', HOME: directory.path },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    assert.equal(output.toString(), '0\n');
  });
});
