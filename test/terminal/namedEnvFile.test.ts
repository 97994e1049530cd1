import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './fixtures.ts';
import { callTold, serverCommands, useEnvFile } from './useEnvFile.ts';

describe('a settings file that the person names', () => {
  const given = useEnvFile();
  const flags = {
    '--env-file': (file: string) => ({ env: {}, args: ['-e', file] }),
    OMNISPINDLE_ENV_FILE: (file: string) => ({ env: { OMNISPINDLE_ENV_FILE: file }, args: [] }),
  };
  let named: string;
  beforeEach(async () => {
    mkdirSync(join(given.directory, 'mine'));
    named = join(given.directory, 'mine', 'settings');
    writeFileSync(named, `AUTH0_TOKEN=${await given.tenant.sign({ sub: 'auth0|named' })}\n`);
    writeFileSync(given.path, given.evilFile);
  });

  for (const [way, by] of Object.entries(flags)) {
    for (const command of ['whoami', 'token', 'doctor', 'login', 'logout']) {
      it(`[T1] counts without trust, and no .env is looked at, where it is named by ${way}: ${command}`, async () => {
        for (const file of [named, '~/mine/settings', `"${named}"`]) {
          const { env, args } = by(file);
          const { stdout, stderr } = await run(given.here(env), command, ...args, '--json');
          assert.ok(!stderr.includes('omnispindle trust'), stderr);
          if (command === 'token') {
            const { token } = JSON.parse(stdout) as { token: string };
            assert.ok(readFileSync(named, 'utf8').includes(token));
          }
          if (command === 'whoami') assert.match(stdout, /auth0\|named/);
          if (command === 'doctor') assert.ok(stdout.includes(`the one from ${named} is good`), stdout);
          if (command === 'login') assert.ok(stderr.includes(`AUTH0_TOKEN from ${named} is used`), stderr);
        }
        assert.deepEqual(given.evil.counters(), {});
      });
    }

    for (const name of serverCommands) {
      it(`[T1] counts without trust, and no .env is looked at, where it is named by ${way}: ${name}`, async () => {
        const { env, args } = by(named);
        const { texts, told } = await callTold(name, await given.start(name, given.here(env), args));
        if (name !== 'connect') assert.match(texts.join(''), /auth0\|named/);
        assert.ok(
          told.some(message => message.includes(`AUTH0_TOKEN from ${named}`)),
          told.join('\n'),
        );
        assert.deepEqual(given.evil.counters(), {});
      });
    }

    it(`[T1] is refused by name where ${way} is wrong`, async () => {
      for (const [file, saying] of [
        ['mine/settings', /is "mine\/settings", which is no absolute path. Give one like "/],
        ['.env', /is "\.env", which is no absolute path/],
        ['${workspaceFolder}/.env', /placeholder that nobody filled in/],
        ['$HOME/mine/settings', /nobody filled in the variable/],
        [join(given.directory, 'mine', 'none'), /names .*none, which is not there/],
        [join(given.directory, 'mine'), /which was not read: it is no regular file/],
      ] as const) {
        const { env, args } = by(file);
        const { code, stderr } = await run(given.here(env), 'whoami', ...args);
        assert.equal(code, 2);
        assert.match(stderr, saying);
        assert.ok(stderr.startsWith(`omnispindle: ${way} `), stderr);
      }
    });
  }

  it('[T1] is refused by the long flag, too, where it is relative', async () => {
    assert.match((await run(given.here(), 'whoami', '--env-file', named)).stdout, /auth0\|named/);
    const { code, stderr } = await run(given.here(), 'whoami', '--env-file=mine/settings');
    assert.equal(code, 2);
    assert.match(stderr, /^omnispindle: --env-file is "mine\/settings", which is no absolute path/);
  });

  it('[T1] is the one of the flag where a variable names another', async () => {
    const env = { OMNISPINDLE_ENV_FILE: join(given.directory, 'none') };
    assert.match((await run(given.here(env), 'whoami', '-e', named)).stdout, /auth0\|named/);
    assert.match((await run(given.here(), 'whoami', '-e', '')).stderr, /--env-file is empty/);
  });

  it('[T1] comes after the environment', async () => {
    const env = { OMNISPINDLE_ENV_FILE: named, AUTH0_TOKEN: await given.tenant.sign({ sub: 'auth0|own' }) };
    assert.match((await run(given.here(env), 'whoami')).stdout, /auth0\|own/);
  });
});
