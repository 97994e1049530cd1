import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { describeNeeds } from '../needs.ts';
import { useTenant } from '../tenant/useTenant.ts';
import { run, visits, type Surroundings } from './fixtures.ts';
import { entryIn, useInstalling } from './installing.ts';
import { startOnTerminal } from './onTerminal.ts';
import { endSignIns } from './processes.ts';

const keys = { down: '\u001b[B', space: ' ', enter: '\r', stop: '\u0003' };

describeNeeds(['Linux'], 'init on a terminal, without a client', () => {
  const given = useInstalling();
  const shared = useTenant();
  afterEach(() => endSignIns(given.path));

  const zed = () => join(given.path, '.config', 'zed', 'settings.json');
  const configurations = () => [given.cursor, zed()].filter(path => existsSync(path));

  beforeEach(() => {
    for (const name of ['.cursor', join('.config', 'zed')]) {
      mkdirSync(join(given.path, name), { recursive: true });
    }
  });

  /**
   * Runs `init` on a terminal, and types once it has said something.
   * @returns how it ended, and what the terminal showed
   */
  async function onTerminal(
    surroundings: Partial<Surroundings>,
    args: readonly string[],
    typed: readonly (readonly [when: RegExp | (() => boolean), ...keys: string[]])[],
  ): Promise<{ code: number; text: string }> {
    const terminal = startOnTerminal(
      {
        tenant: defaultTenant,
        directory: given.path,
        ...surroundings,
        env: { XDG_CONFIG_HOME: join(given.path, '.config'), MARKS: given.marks },
      },
      ['init', ...args],
    );
    // Without the frames of the spinner, and without the lines that the terminal's width makes.
    const text = () =>
      stripVTControlCharacters(terminal.sent())
        .replaceAll(/[⠀-⣿] [^…]*…/gu, '…')
        .replaceAll(/\s+/g, ' ');
    let isOver = false;
    void terminal.ended.then(() => (isOver = true));
    for (const [when, ...strokes] of typed) {
      const isTime = () => (when instanceof RegExp ? when.test(text()) : when());
      while (!isTime()) {
        assert.ok(!isOver, `It ended without saying ${String(when)}: ${text()}`);
        await delay(20);
      }
      for (const stroke of strokes) {
        terminal.type(stroke);
        await delay(50);
      }
    }
    const { code } = await terminal.ended;
    return { code, text: text() };
  }

  const question = /Which of the clients on this machine should start Omnispindle\?[^]*Ctrl-C stops/;
  const signIn = /Nobody is signed in\. Sign in now\?/;

  it('[E11] offers the clients that are here, writes for those that were chosen, and says what to do next', async () => {
    const { code, text } = await onTerminal(
      {},
      ['--no-sign-in'],
      [[question, keys.space, keys.down, keys.space, keys.enter]],
    );
    assert.equal(code, 0, text);
    assert.doesNotMatch(text, /Windsurf|Codex|This project/);
    assert.match(text, /Cursor now starts Omnispindle/);
    assert.match(text, /Zed now starts Omnispindle/);
    assert.match(text, /Restart Cursor, Zed; then ask it: who am I\? $/);
    assert.deepEqual(configurations(), [given.cursor, zed()]);
    assert.equal(given.copies().length, 1);
    assert.deepEqual(entryIn(given.cursor).args.slice(1), ['serve']);
  });

  it('[E11] has those chosen that start us already, which updates them', async () => {
    await given.init(['--client', 'cursor', '--npx']);
    const { code, text } = await onTerminal(
      {},
      ['--no-sign-in'],
      [[/Cursor \(starts Omnispindle already\)/], [question, keys.enter]],
    );
    assert.equal(code, 0, text);
    assert.deepEqual(configurations(), [given.cursor]);
    assert.notEqual(entryIn(given.cursor).command, 'npx');
  });

  it('[E11] changes nothing where none is chosen, and says so', async () => {
    const { code, text } = await onTerminal({}, [], [[question, keys.enter]]);
    assert.equal(code, 1);
    assert.match(text, /No client was chosen, so nothing was changed\./);
    assert.deepEqual(configurations(), []);
    assert.ok(!existsSync(given.installed));
  });

  for (const [when, typed] of [
    ['at the first question', [[question, keys.stop]]],
    [
      'at the second',
      [
        [question, keys.space, keys.enter],
        [signIn, keys.stop],
      ],
    ],
  ] as [string, [RegExp, ...string[]][]][]) {
    it(`[E11] is stopped by Ctrl-C ${when}: nothing was changed, and the exit code is that of shells`, async () => {
      const { code, text } = await onTerminal({}, [], typed);
      assert.equal(code, 130, text);
      assert.match(text, /Stopped; nothing was changed/);
      assert.deepEqual(configurations(), []);
      assert.ok(!existsSync(given.installed));
    });
  }

  it('[E11] is stopped by Ctrl-C while npm installs, and leaves nothing lying about', async () => {
    // A registry that takes the question and never answers.
    let asked = false;
    const silent = createServer(() => (asked = true)).listen(0, '127.0.0.1');
    await new Promise(resolve => silent.once('listening', resolve));
    const address = silent.address() as { port: number };
    writeFileSync(join(given.path, '.npmrc'), `registry=http://127.0.0.1:${String(address.port)}/\n`);
    try {
      const { code, text } = await onTerminal(
        {},
        ['--no-sign-in'],
        [
          [question, keys.space, keys.enter],
          [() => asked, keys.stop],
        ],
      );
      assert.equal(code, 130, text);
      assert.match(text, /Stopped; nothing was changed/);
      assert.deepEqual(configurations(), []);
      assert.deepEqual(
        readdirSync(given.installed).filter(name => /^\d/.test(name)),
        [],
      );
    } finally {
      silent.close();
    }
  });

  it('[E11] signs in before it writes, at the tenant that the environment names, which it writes after a yes', async () => {
    const surroundings = { tenant: shared.tenant };
    const { code, text } = await onTerminal(
      surroundings,
      [],
      [
        [question, keys.space, keys.enter],
        [/Write it \(AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_AUDIENCE/, keys.enter],
        [signIn, keys.enter],
      ],
    );
    assert.equal(code, 0, text);
    assert.match(text, /You are signed in as ada@example\.com\.[^]*Cursor now starts Omnispindle/);
    assert.equal(entryIn(given.cursor).env?.['AUTH0_DOMAIN'], shared.tenant.domain);
    assert.equal(visits(given.path).length, 1);
    const whoami = await run({ tenant: shared.tenant, directory: given.path }, 'whoami');
    assert.match(whoami.stdout, /ada@example\.com/);
    // Whoever is signed in is not asked.
    const again = await onTerminal(
      surroundings,
      [],
      [
        [question, keys.down, keys.space, keys.enter],
        [/Write it \(AUTH0_DOMAIN/, keys.enter],
      ],
    );
    assert.equal(again.code, 0, again.text);
    assert.doesNotMatch(again.text, signIn);
    assert.equal(visits(given.path).length, 1);
    assert.ok(existsSync(zed()));
  });

  it('[E11] asks for no sign-in at a tenant that is not written: the server would sign in at another', async () => {
    const { code, text } = await onTerminal(
      { tenant: shared.tenant },
      [],
      [
        [question, keys.space, keys.enter],
        [/Write it \(AUTH0_DOMAIN/, 'n', keys.enter],
      ],
    );
    assert.equal(code, 0, text);
    assert.doesNotMatch(text, signIn);
    assert.deepEqual(visits(given.path), []);
    assert.equal(entryIn(given.cursor).env, undefined);
  });

  it('[E11] goes on without a sign-in where the person does not want one', async () => {
    const { code, text } = await onTerminal(
      {},
      [],
      [
        [question, keys.space, keys.enter],
        [signIn, 'n', keys.enter],
      ],
    );
    assert.equal(code, 0, text);
    assert.deepEqual(visits(given.path), []);
    assert.deepEqual(configurations(), [given.cursor]);
  });

  it('[E11] writes for the other clients where one configuration cannot be changed, and says why', async () => {
    writeFileSync(given.cursor, '{ "mcpServers": ');
    const { code, text } = await onTerminal(
      {},
      ['--no-sign-in'],
      [[question, keys.space, keys.down, keys.space, keys.enter]],
    );
    assert.equal(code, 1);
    assert.match(text, /mcp\.json is not valid JSON at line 1/);
    assert.match(text, /Zed now starts Omnispindle/);
    assert.match(text, /Restart Zed; then/);
  });

  it('[E11] does not offer VS Code where it has the extension, and says so', async () => {
    mkdirSync(join(given.path, '.config', 'Code', 'User'), { recursive: true });
    mkdirSync(join(given.path, '.vscode', 'extensions', 'omnispindle.omnispindle-1.0.0'), {
      recursive: true,
    });
    const { text } = await onTerminal({}, ['--no-sign-in'], [[question, keys.enter]]);
    assert.match(text, /- VS Code \(has the Omnispindle extension\)/);
  });

  it('[E11] asks nothing with --yes, nor for a script, and is as without a terminal', async () => {
    for (const flag of ['--yes', '--json']) {
      const { code, text } = await onTerminal({}, [flag], []);
      assert.equal(code, 2);
      assert.match(text, /No client starts Omnispindle yet.*init --client NAME/);
    }
    const { code, stderr } = await given.omnispindle(['init']);
    assert.equal(code, 2);
    assert.match(stderr, /No client starts Omnispindle yet/);
  });
});
