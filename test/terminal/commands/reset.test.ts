import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useUser } from '../../tenant/useTenant.ts';
import { call, run, serve, start, type Ran } from '../fixtures.ts';
import { startKeyring, type Keyring } from '../keyring.ts';
import { itNeeds } from '../../needs.ts';

describe('omnispindle reset', () => {
  let keyring: Keyring | undefined;
  const given = useUser(async () => {
    await keyring?.close();
    keyring = undefined;
  });
  beforeEach(() => given.tenant.revokeSessions());

  let env: Record<string, string> = {};
  beforeEach(() => {
    env = {};
  });
  const here = () => ({ tenant: given.tenant, directory: given.directory, env });
  const omnispindle = (...args: string[]): Promise<Ran> => run(here(), ...args);
  async function reset(answer: string, ...args: string[]): Promise<Ran> {
    const { stdin, ended } = start(here(), 'reset', ...args);
    stdin.on('error', () => undefined).end(answer);
    return ended;
  }
  const data = () => join(given.directory, 'data');

  /** Does what leaves something behind: signs in twice, renews, writes a todo. */
  async function use(): Promise<void> {
    await omnispindle('login');
    given.tenant.setTokenLifetime(1);
    await omnispindle('login');
    given.tenant.setTokenLifetime(3_600);
    const { client } = await serve(here());
    try {
      const { error } = await call(client, 'add_todo', { description: 'a todo', project: 'p' });
      assert.equal(error, undefined);
    } finally {
      await client.close();
    }
  }

  itNeeds(
    ['a keyring'],
    '[T10] signs everybody out and removes everything we ever wrote, after it has said what that is',
    async () => {
      keyring = await startKeyring(join(given.directory, 'keyring'));
      env = { ...keyring.env };
      await use();
      // As a client that does not reach the keychain keeps it.
      env = {};
      await omnispindle('login');
      env = { ...keyring.env };
      const sessions = join(data(), 'sessions');
      writeFileSync(join(sessions, `${'0'.repeat(32)}.json.corrupt`), 'damaged');
      assert.equal(await given.tenant.liveSessions(), 3);
      const cursor = join(given.directory, '.cursor');
      mkdirSync(cursor);
      writeFileSync(join(cursor, 'mcp.json'), '{ "mcpServers": { "notes": { "command": "notes" } } }');
      assert.equal((await omnispindle('init', '--client', 'cursor', '--npx')).code, 0);
      assert.equal(readdirSync(cursor).length, 2);
      writeFileSync(join(given.directory, '.env'), 'CALLBACK_PORT=9765\n');
      const trust = start(here(), 'trust', '.env');
      trust.stdin.end('y\n');
      assert.equal((await trust.ended).code, 0);
      const asked = await reset('yes\n');
      assert.equal(asked.code, 0, asked.stderr);
      assert.match(
        asked.stderr,
        /the entry in the configuration of Cursor\n.*1 backups of such configurations\n/,
      );
      assert.deepEqual(readdirSync(cursor), ['mcp.json']);
      assert.deepEqual(JSON.parse(readFileSync(join(cursor, 'mcp.json'), 'utf8')), {
        mcpServers: { notes: { command: 'notes' } },
      });
      assert.match(asked.stderr, /sign-ins of ada@example\.com.*\n.*1 stored sign-ins that cannot be read\n/);
      assert.match(asked.stderr, /1 todos and 0 lessons.*omnispindle\.db.*\n[^]*the key in the keychain\n/);
      assert.match(asked.stderr, /the trust in 1 files of settings\n/);
      assert.match(asked.stderr, /Remove all of this\?.*\[y\/N\]/);
      assert.match(asked.stdout, /Signed out: .*ada@example\.com[^]*Everything of Omnispindle is removed/);
      assert.equal(existsSync(data()), false);
      assert.equal(await given.tenant.liveSessions(), 0);
      assert.match((await reset('yes\n')).stdout, /There is nothing of Omnispindle/);
      assert.equal(existsSync(data()), false);
    },
  );

  it('[T10] removes nothing without a yes', async () => {
    await omnispindle('login');
    for (const answer of ['', 'n\n', 'whatever\n']) {
      const ran = await reset(answer, '--json');
      assert.equal(ran.code, 1);
      assert.deepEqual(JSON.parse(ran.stdout), { reset: false });
    }
    assert.match((await omnispindle('whoami')).stdout, /ada/);
    assert.equal(await given.tenant.liveSessions(), 1);
  });

  it('[T10] removes no more than ours where the directory holds other files, and follows no link', async () => {
    await use();
    const precious = join(given.directory, 'precious');
    mkdirSync(precious);
    writeFileSync(join(precious, 'file'), 'precious');
    symlinkSync(precious, join(data(), 'install'));
    symlinkSync(precious, join(data(), 'sessions', `${'1'.repeat(32)}.json`));
    for (const directory of ['servers', 'constructor']) mkdirSync(join(data(), directory));
    for (const name of ['eras', 'consent', `lists-${'a'.repeat(43)}`]) {
      writeFileSync(join(data(), 'servers', `${name}.json`), '{}');
    }
    for (const name of ['notes.txt', 'renew-me.json', 'sessions/other.txt', 'servers/lists.json']) {
      writeFileSync(join(data(), name), 'not ours');
    }
    const ran = await reset('y\n', '--json');
    assert.equal(ran.code, 0, ran.stderr);
    const left = ['constructor', 'notes.txt', 'renew-me.json', 'servers', 'sessions'];
    assert.deepEqual(readdirSync(data()).sort(), left);
    assert.deepEqual(readdirSync(join(data(), 'sessions')), ['other.txt']);
    assert.deepEqual(readdirSync(join(data(), 'servers')), ['lists.json']);
    const said = JSON.parse(ran.stdout) as { reset: boolean; left: string[]; accounts: object[] };
    assert.equal(said.reset, true);
    assert.deepEqual(
      said.left.sort(),
      left.map(name => join(data(), name)),
    );
    assert.equal(readFileSync(join(precious, 'file'), 'utf8'), 'precious');
  });

  it('[T10] refuses a directory that is not proven the person’s own', async () => {
    await omnispindle('login');
    const link = join(given.directory, 'link');
    symlinkSync(data(), link);
    env = { OMNISPINDLE_DATA_DIR: link };
    const ran = await reset('y\n');
    assert.equal(ran.code, 1);
    assert.equal(readdirSync(join(data(), 'sessions')).length, 1);
    assert.equal(await given.tenant.liveSessions(), 1);
  });

  it('[T10] goes on where the tenant cannot be told, and says so', async () => {
    await omnispindle('login');
    given.tenant.setMode('down');
    const ran = await reset('y\n', '--json');
    assert.equal(ran.code, 0);
    const { accounts } = JSON.parse(ran.stdout) as { accounts: { account: string; tenantTold: boolean }[] };
    assert.deepEqual(
      accounts.map(({ account, tenantTold }) => ({ account, tenantTold })),
      [{ account: 'ada@example.com', tenantTold: false }],
    );
    assert.match(ran.stderr, /warning: The tenant could not be told/);
    assert.equal(existsSync(data()), false);
  });
});
