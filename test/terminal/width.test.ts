import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeNeeds } from '../needs.ts';
import { signInByForm } from '../tenant/browserless.ts';
import { useUser } from '../tenant/useTenant.ts';
import { commands } from './commandNames.ts';
import { run, runWith, signIn, visits, type Surroundings } from './fixtures.ts';
import { runOnTerminal, startOnTerminal, type TerminalOptions } from './onTerminal.ts';

/** What is one to whoever copies it: longer than a line it may be, broken it must not be. */
const unbreakable = /https?:\/\/\S+|(?<=^ *)(?:\S*\/\S+|omnispindle .*)$/;

describeNeeds(['Linux'], 'a terminal', () => {
  const given = useUser();
  const here = (env: Record<string, string> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    env,
  });

  async function linesOf(columns: number, ...args: string[]): Promise<string> {
    const { lines } = await runOnTerminal(here(), args, { columns });
    assert.ok(lines.length > 0, args.join(' '));
    for (const line of lines) {
      assert.ok(line.length <= columns || unbreakable.test(line), `${args.join(' ')}: ${line}`);
    }
    return lines.join('\n');
  }

  /** All that was said, in one line. */
  const joined = (text: string) => text.replaceAll(/(?: \\)?\s+/g, ' ').trim();

  const helps = [
    ['--help'],
    ['help', 'environment'],
    ['help', 'exit-codes'],
    ...commands.map(name => [name, '--help']),
  ];
  /** What each says where there is no terminal. */
  const plain = new Map<string, string>();

  for (const columns of [40, 80]) {
    it(`[F7] of ${String(columns)} columns has all of the help, and no word is cut`, async () => {
      for (const args of helps) {
        const name = args.join(' ');
        const text = plain.get(name) ?? joined((await run(here(), ...args)).stdout);
        plain.set(name, text);
        assert.equal(joined(await linesOf(columns, ...args)), text, name);
      }
    });

    it(`[F7] of ${String(columns)} columns cuts no word of what a command says, signed in or not`, async () => {
      const said = async (...args: string[]) => joined(await linesOf(columns, ...args));
      assert.match(await said('status'), /✘ Nobody is signed in\. Sign in with: omnispindle login Kept in /);
      assert.match(
        await said('whoami'),
        /^omnispindle: You sign in at .* Nobody is signed in\. .*: omnispindle login$/,
      );
      assert.match(await said('login'), /You are signed in as ada@example\.com\. .* shows your accounts\.$/);
      assert.match(await said('login'), /as before: no other account was added/);
      assert.match(
        await said('status'),
        /✔ ada@example\.com \(Ada Lovelace, auth0\|ada\), in use: the access/,
      );
      assert.match(await said('whoami'), /ada@example\.com \(Ada Lovelace, auth0\|ada\)$/);
      assert.match(await said('doctor'), /✔ Clock: it agrees with the tenant’s\. ✔ Callback:/);
      assert.match(
        await said('status', '--account', 'bob@example.com'),
        /omnispindle login --account bob@example\.com$/,
      );
      assert.match(await said('token'), /A token on a terminal can be read by others\. .* add --force\.$/);
      assert.match(await said('logout'), /Signed out: ada@example\.com\. .* counts until /);
    });

    it(`[F7] of ${String(columns)} columns cuts no word of what is wrong with a command line`, async () => {
      const said = async (...args: string[]) => joined(await linesOf(columns, ...args));
      assert.match(await said('sign-out'), /'sign-out' \(Did you mean logout\?\) Add --help to see what/);
      assert.match(await said('login', '--acount', 'x'), /'--acount' \(Did you mean --account\?\)/);
      assert.match(await said('init', '--client', 'foo'), /Allowed choices are claude-desktop,.* project\./);
      assert.match(
        await said('connect', 'https://a.example/mcp', '--auth-timeout'),
        /Leave it out: .* minutes\./,
      );
      assert.match(await said('login', '--organization', ' '), /Give the id of an organization/);
    });
  }

  it('[F7] of 24 lines and 80 columns has the whole help, with the prompt below it', async () => {
    const lines = (await linesOf(80, '--help')).split('\n');
    assert.ok(lines.length <= 23, `${String(lines.length)} lines`);
  });

  it('[F7] that does not know its width is left to break the lines itself', async () => {
    const { lines } = await runOnTerminal(here(), ['token'], { columns: 0 });
    assert.equal(lines.length, 1, lines.join('\n'));
  });

  it('[F7] has a file’s content as it is, whatever its width', async () => {
    const args = ['init', '--client', 'cursor', '--print', '--no-tenant'];
    const { lines } = await runOnTerminal(here(), args, { columns: 40 });
    assert.equal(lines.join('\n'), (await run(here(), ...args)).stdout.trimEnd());
  });

  it('[F7] of 40 columns shows a code in bold and whole, and Enter opens its page', async () => {
    const terminal = startOnTerminal(here(), ['login', '--device'], { columns: 40 });
    await terminal.shows(/any\s+other browser/);
    const sent = terminal.sent();
    assert.match(sent, /Your code: \u001b\[1m[A-Z]{4}-[A-Z]{4}\u001b\[22m\r\n/);
    assert.match(sent, /Press Enter to open\r\n {2}http:\/\/localhost:\d+\/activate here,\r\n/);
    assert.deepEqual(visits(given.directory), []);
    terminal.type('\r');
    const { code, lines } = await terminal.ended;
    assert.equal(code, 0, lines.join('\n'));
    assert.match(visits(given.directory)[0] ?? '', /\/activate\?user_code=[A-Z]{4}-[A-Z]{4}$/);
  });

  it('[F7] shows the code in bold also where the result goes into a file', async () => {
    const options: TerminalOptions = { redirection: '>result' };
    const terminal = startOnTerminal(here(), ['login', '--device'], options);
    await terminal.shows(/any\s+other browser/);
    assert.match(terminal.sent(), /\u001b\[1m[A-Z]{4}-[A-Z]{4}\u001b\[22m/);
    terminal.type('\r');
    assert.equal((await terminal.ended).code, 0);
  });

  it('[F7] sees no address where the browser opened, and one whole address where none did', async () => {
    const opened = await runOnTerminal(here(), ['login'], { columns: 40 });
    assert.equal(opened.code, 0);
    assert.match(opened.sent, /Your browser was opened to sign in\./);
    assert.doesNotMatch(opened.sent, /\/authorize/);
    const terminal = startOnTerminal(here({ BROWSER: 'none' }), ['login', '--fresh'], { columns: 40 });
    await terminal.shows(/client_id=\S+&?\S*\r?\n/);
    const [address = ''] = /http:\S+\/authorize\S+/.exec(terminal.sent()) ?? [];
    await signInByForm(address);
    assert.equal((await terminal.ended).code, 0);
  });

  for (const [what, columns] of [
    ['wide', 80],
    ['narrow', 40],
  ] as const) {
    it(`[F7] that is ${what} has the list of init, and is as it was after Ctrl-C`, async () => {
      for (const name of ['.cursor', '.codex', '.gemini']) {
        mkdirSync(join(given.directory, name), { recursive: true });
      }
      const terminal = startOnTerminal(here(), ['init'], { columns });
      await terminal.shows(/Cursor[^]*Codex[^]*Gemini CLI[^]*Ctrl-C\s+stops/);
      terminal.type('\u0003');
      const { code, sent, lines } = await terminal.ended;
      assert.equal(code, 130);
      for (const line of lines) assert.ok(line.length <= columns, line);
      assert.match(
        joined(lines.join(' ')),
        /Stopped; nothing was changed\. Start it again when you are ready\.$/,
      );
      assert.ok(sent.lastIndexOf('\u001b[?25h') > sent.lastIndexOf('\u001b[?25l'), 'The cursor is hidden.');
    });
  }

  describe('has colours', () => {
    const green = '\u001b[32m';
    beforeEach(() => signIn(here()));

    for (const [name, env, hasThem] of [
      ['as it is', {}, true],
      ['with NO_COLOR', { NO_COLOR: '1' }, false],
      ['that is dumb', { TERM: 'dumb' }, false],
      ['that is dumb, with FORCE_COLOR', { TERM: 'dumb', FORCE_COLOR: '1' }, true],
    ] as const) {
      it(`[F7] ${hasThem ? 'in one' : 'not in one'} ${name}`, async () => {
        const { sent } = await runOnTerminal(here(env), ['status']);
        assert.match(sent, /✔/);
        assert.equal(sent.includes(green), hasThem, sent);
        if (!hasThem) assert.ok(!sent.includes('\u001b'), sent);
      });
    }

    it('[F7] only where there is one, also with FORCE_COLOR', async () => {
      const { stdout } = await run(here({ FORCE_COLOR: '1' }), 'status');
      assert.match(stdout, /✔/);
      assert.ok(!stdout.includes('\u001b'), stdout);
    });

    it('[F7] no moves of the cursor in one that is dumb', async () => {
      const { code, sent } = await runOnTerminal(here({ TERM: 'dumb' }), ['login']);
      assert.equal(code, 0);
      assert.ok(!sent.includes('\u001b'), JSON.stringify(sent));
    });
  });

  it('[F7] where there is none, lines are as long as they are, also a question', async () => {
    const { stdout, stderr } = await run(here(), 'status');
    assert.match(stdout, /^You sign in at localhost:\d+, and not .* from the environment\.$/m);
    assert.equal(stderr, '');
    const asked = await runWith('n\n', here(), 'reset');
    assert.match(
      asked.stderr + asked.stdout,
      /Remove all of this\? It cannot be brought back\. \[y\/N\]|nothing/,
    );
  });
});
