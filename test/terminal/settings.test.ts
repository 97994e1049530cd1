import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { callbackPort } from '../tenant/callbackPort.ts';
import { call, run, visits } from './fixtures.ts';
import { callTold, useEnvFile } from './useEnvFile.ts';
import { itNeeds } from '../needs.ts';

/** A user of a container: without an entry among the users. */
const withoutEntry = 424_242;

describe('settings as clients pass them', () => {
  const given = useEnvFile();

  /** What the directory, the client's project, has that is not the browser's. */
  const project = () =>
    readdirSync(given.directory, { recursive: true, encoding: 'utf8' }).filter(name => name !== 'visits');

  for (const named of [
    '${CLAUDE_PROJECT_DIR}/.omnispindle',
    '${HOME}/.omnispindle',
    '$HOME/.omnispindle',
    '%APPDATA%\\omnispindle',
    'omnispindle-data',
    '"omnispindle-data"',
    './omnispindle-data',
    '..',
  ]) {
    it(`[T9] put no session and no todo into the project, and say what is wrong: OMNISPINDLE_DATA_DIR=${named}`, async () => {
      const env = { OMNISPINDLE_DATA_DIR: named };
      const { client } = await given.start('serve', given.here(env));
      const { error } = await call(client, 'add_todo', { description: 'a', project: 'p' });
      assert.deepEqual(project(), []);
      assert.match(error ?? '', /^OMNISPINDLE_DATA_DIR is /);
      for (const command of ['login', 'token', 'whoami', 'logout', 'doctor', 'trust']) {
        const { code, stderr } = await run(given.here(env), command);
        assert.equal(code, 2, command);
        assert.match(stderr, /^omnispindle: OMNISPINDLE_DATA_DIR is /);
      }
      assert.deepEqual(project(), []);
      assert.deepEqual(visits(given.directory), []);
    });
  }

  it('[T9] may have quotes around them', async () => {
    const { domain, clientId, audience } = given.tenant;
    const data = join(given.directory, 'data');
    const { client } = await given.start(
      'serve',
      given.here({
        AUTH0_DOMAIN: `"${domain}"`,
        AUTH0_CLIENT_ID: `'${clientId}'`,
        AUTH0_AUDIENCE: ` "${audience}" `,
        AUTH0_TOKEN: `"${await given.tenant.sign({ sub: 'auth0|own' })}"`,
        CALLBACK_PORT: `"${String(callbackPort)}"`,
        OMNISPINDLE_TOOL_LOADOUT: '"basic"',
        OMNISPINDLE_DATA_DIR: `"${data}"`,
        OMNISPINDLE_ACCOUNT: '"ada@example.com"',
      }),
    );
    assert.equal((await client.listTools()).tools.length, 9);
    assert.equal((await call(client, 'whoami')).result?.['sub'], 'auth0|own');
    assert.equal((await call(client, 'add_todo', { description: 'a', project: 'p' })).error, undefined);
    assert.deepEqual(
      project()
        .filter(name => name.includes('omnispindle.db'))
        .map(name => name.split('-')[0])[0],
      'data/omnispindle.db',
    );
  });

  for (const name of [
    'AUTH0_TOKEN',
    'AUTH0_DOMAIN',
    'AUTH0_CLIENT_ID',
    'AUTH0_AUDIENCE',
    'CALLBACK_PORT',
    'OMNISPINDLE_ACCOUNT',
  ]) {
    it(`[T9] say that nobody filled in a placeholder, and open no browser: ${name}`, async () => {
      const { client } = await given.start('serve', given.here({ [name]: `\${${name}}` }));
      const { error } = await call(client, 'whoami');
      assert.match(error ?? '', new RegExp(`^${name} .*a placeholder that nobody filled in`));
      assert.deepEqual(given.tenant.counters(), {});
      assert.deepEqual(visits(given.directory), []);
    });
  }

  it('[T9] say that nobody filled in a placeholder: OMNISPINDLE_TOOL_LOADOUT', async () => {
    const { code, stderr } = await run(given.here({ OMNISPINDLE_TOOL_LOADOUT: '${LOADOUT}' }), 'serve');
    assert.equal(code, 2);
    assert.match(stderr, /^omnispindle: OMNISPINDLE_TOOL_LOADOUT is "\$\{LOADOUT\}", a placeholder/);
  });

  itNeeds(
    ['root'],
    '[T9] need a directory by name where the user has no home, and say so, without a crash',
    async () => {
      const homeless = (env = {}) =>
        given.here({ HOME: '', OMNISPINDLE_DATA_DIR: '', ...env }, { uid: withoutEntry });
      for (const command of ['login', 'whoami', 'token', 'logout', 'doctor', 'trust']) {
        const { code, stderr } = await run(homeless(), command, ...(command === 'trust' ? ['--list'] : []));
        assert.equal(code, 2, command);
        assert.match(
          stderr,
          /^omnispindle: [^\n]*no home directory\. Set HOME, or name a directory with OMNISPINDLE_DATA_DIR/m,
        );
      }
      const own = await given.tenant.sign({});
      const { stdout } = await run(homeless({ AUTH0_TOKEN: own }), 'token');
      assert.equal(stdout.trim(), own);
    },
  );

  it('are used by a server whose user has no home, as far as nothing must be kept', async () => {
    const env = { HOME: '', OMNISPINDLE_DATA_DIR: '', AUTH0_TOKEN: await given.tenant.sign({}) };
    const served = await given.start('serve', given.here(env));
    const { texts } = await callTold('serve', served);
    assert.match(texts[0] ?? '', /auth0\|ada/);
  });
});
