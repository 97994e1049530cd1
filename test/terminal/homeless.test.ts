import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { useUser } from '../tenant/useTenant.ts';
import { cli, userEnvironment } from './fixtures.ts';
import { describeNeeds } from '../needs.ts';

/** No entry among the users has this number. */
const stranger = 4_242;

const unset = { HOME: undefined, OMNISPINDLE_DATA_DIR: undefined };

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const listProjects = [
  initialize,
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'list_projects', arguments: {} } },
];

interface Place {
  /** `gone` has been removed when the command starts. */
  readonly cwd?: 'gone';
  readonly uid?: number;
  /** What is undefined is not in the environment at all. */
  readonly env?: Record<string, string | undefined>;
}

describeNeeds(['root'], 'a process without a place of its own', () => {
  const given = useUser();
  const own = () => join(given.directory, 'own');
  const readOnly = () => join(given.directory, 'read-only');

  beforeEach(() => {
    chmodSync(given.directory, 0o755);
    for (const directory of [own(), readOnly()]) {
      mkdirSync(directory, { mode: 0o700 });
      chownSync(directory, stranger, stranger);
    }
    chmodSync(readOnly(), 0o500);
  });

  function begin(args: readonly string[], { cwd, uid = stranger, env }: Place) {
    const directory = join(own(), 'work');
    mkdirSync(directory, { recursive: true });
    chownSync(directory, uid, uid);
    const start = cwd === 'gone' ? 'rmdir "$PWD" && exec "$@"' : 'exec "$@"';
    const child = spawn('/bin/sh', ['-c', start, 'sh', process.execPath, cli, ...args], {
      cwd: directory,
      uid,
      gid: uid,
      env: { ...userEnvironment(given), ...unset, DEMO_BROWSER_VISITS: join(own(), 'visits'), ...env },
      stdio: 'pipe',
    });
    // Whoever ends early reads nothing.
    child.stdin.on('error', () => undefined);
    return child;
  }

  async function ran(args: string, place: Place) {
    const child = begin(args.split(' '), place);
    child.stdin.end();
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { code, said: out + err };
  }

  /** What the tool answers whose database is in the data directory. */
  async function projects(place: Place): Promise<string> {
    const AUTH0_TOKEN = await given.tenant.sign({});
    const child = begin(['serve'], { ...place, env: { AUTH0_TOKEN, ...place.env } });
    for (const message of listProjects) child.stdin.write(`${JSON.stringify(message)}\n`);
    let answer = '';
    for await (const chunk of child.stdout) {
      answer += String(chunk);
      if (answer.includes('"id":2')) break;
    }
    child.kill();
    return answer.split('\n').find(line => line.includes('"id":2')) ?? answer;
  }

  const sorry = /uv_cwd|ENOENT|uv_os_get|at .*\.js:\d/;

  it('[W12] works where the working directory has been removed, with every command', async () => {
    const place: Place = { cwd: 'gone', env: { HOME: own() } };
    for (const [args, end] of [
      ['whoami', 3],
      ['logout', 0],
      ['init --client cursor --npx', 0],
      ['init --client cursor --print', 0],
      ['trust --list', 0],
      ['reset', 1],
      ['login', 0],
    ] as const) {
      const { code, said } = await ran(args, place);
      assert.equal(code, end, `${args}: ${said}`);
      assert.doesNotMatch(said, sorry, args);
    }
    assert.equal((await ran('whoami', place)).code, 0, 'the sign-in was kept');
    assert.equal((await ran('token', place)).code, 0);
    assert.match(await projects(place), /"structuredContent"/);
  });

  it('[W12] says what to do for a file that would be in the removed directory', async () => {
    const place: Place = { cwd: 'gone', env: { HOME: own() } };
    const relative = await ran('trust .env', place);
    assert.equal(relative.code, 2);
    assert.match(relative.said, /has been removed.*give the whole path/i);
    assert.doesNotMatch(relative.said, sorry);
    const settings = join(given.directory, 'settings.env');
    writeFileSync(settings, 'CALLBACK_PORT=8766\n', { mode: 0o644 });
    assert.match((await ran(`trust ${settings}`, place)).said, /CALLBACK_PORT=8766/);
  });

  for (const [what, env] of [
    ['no HOME', {}],
    ['an empty HOME', { HOME: '' }],
  ] as const) {
    it(`[W12] says which variable to set to a user without a passwd entry, with ${what}`, async () => {
      for (const args of [
        'whoami',
        'logout',
        'login',
        'doctor',
        'init --client cursor',
        'trust --list',
        'reset',
      ]) {
        const { code, said } = await ran(args, { env });
        assert.equal(code, 2, args);
        assert.match(said, /no home directory\. Set HOME/, args);
        assert.doesNotMatch(said, sorry, args);
      }
      assert.match(await projects({ env }), /no home directory\. Set HOME/);
    });
  }

  it('[W12] needs no HOME where the data directory is named', async () => {
    const env = { OMNISPINDLE_DATA_DIR: own() };
    assert.equal((await ran('login', { env })).code, 0);
    assert.equal((await ran('whoami', { env })).code, 0);
    assert.match(await projects({ env }), /"structuredContent"/);
    const { said: found } = await ran('doctor', { env });
    assert.match(found, /✔ Sessions:/);
    assert.equal(found.match(/Set HOME/g)?.length, 1, found);
    const client = await ran('init --client cursor --print', { env });
    assert.match(client.said, /no home directory\. Set HOME to one/, 'the client’s configuration is there');
    const elsewhere = { ...env, CLAUDE_CONFIG_DIR: own() };
    assert.equal((await ran('init --client claude-code --print', { env: elsewhere })).code, 0);
  });

  it('[W12] says which variable to set where the home cannot be written', async () => {
    for (const HOME of [readOnly(), '/', '/nowhere/ada']) {
      const { code, said } = await ran('login', { env: { HOME } });
      assert.equal(code, 1, HOME);
      assert.match(said, /OMNISPINDLE_DATA_DIR/, HOME);
      assert.match(await projects({ env: { HOME } }), /OMNISPINDLE_DATA_DIR/, HOME);
      // What only looks finds nothing there.
      assert.equal((await ran('whoami', { env: { HOME } })).code, 3, HOME);
    }
  });
});
