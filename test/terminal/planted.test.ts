import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plantedDirectories, stranger } from '../platform/plants.ts';
import { call, run, visits, type Surroundings } from './fixtures.ts';
import { useServers } from './useServers.ts';
import { itNeeds } from '../needs.ts';

describe('[T7] a data directory that another user has put there', () => {
  const given = useServers();
  const here = (more: Partial<Surroundings> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    ...more,
  });
  const data = () => join(given.directory, 'data');

  for (const [name, { plant, says, needs }] of Object.entries(plantedDirectories)) {
    itNeeds(needs, `gets no sign-in and no todo, and no browser opens, where it is ${name}`, async () => {
      plant(data());
      writeFileSync(join(given.directory, 'file'), 'AUTH0_DOMAIN=example.com');
      for (const command of ['login', 'token', 'whoami', 'logout', 'init --client cursor', 'trust file']) {
        const { code, stdout, stderr } = await run(here(), ...command.split(' '));
        assert.equal(code, 1, command);
        assert.equal(stdout, '', command);
        assert.match(stderr, says, command);
      }
      const { stdout } = await run(here(), 'doctor');
      assert.match(stdout, /✘ Directory: /);
      assert.match(stdout, says);
      const { client } = await given.start();
      assert.match((await call(client, 'add_todo', { description: 'a', project: 'b' })).error ?? '', says);
      assert.deepEqual(visits(given.directory), []);
      const made = readdirSync(given.directory, { recursive: true }).map(String);
      assert.deepEqual(
        made.filter(path => /sessions|omnispindle\.db|compile-cache|install|trusted|\.lock/.test(path)),
        [],
      );
    });
  }

  itNeeds(['root'], 'is refused by any user, not by root alone, and their own is used', async () => {
    chownSync(given.directory, stranger, stranger);
    mkdirSync(data());
    const refused = await run(here({ uid: stranger }), 'login');
    assert.match(refused.stderr, /belongs to another user.*sudo chown/s);
    chownSync(data(), stranger, stranger);
    const { code, stderr } = await run(here({ uid: stranger }), 'login');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /could be read by other users; it is now only yours/);
  });

  it('is used where others could only read it, is closed to them, and that is said once', async () => {
    mkdirSync(data());
    chmodSync(data(), 0o755);
    const { stderr } = await run(here(), 'login');
    assert.equal(stderr.split('could be read by other users').length, 2, stderr);
    assert.doesNotMatch((await run(here(), 'doctor')).stdout, /Directory:/);
    chmodSync(data(), 0o750);
    const env = { NODE_DISABLE_COMPILE_CACHE: '1' };
    const { stdout } = await run(here({ env }), 'doctor');
    assert.match(stdout, /! Directory: .*data could be read by other users; it is now only yours\./);
    assert.equal(statSync(data()).mode & 0o777, 0o700);
  });

  itNeeds(
    ['root'],
    'is made for a user whom the system does not know by name, as in a container',
    async () => {
      const unnamed = 54_321;
      chownSync(given.directory, unnamed, unnamed);
      const { code, stderr } = await run(here({ uid: unnamed }), 'login');
      assert.equal(code, 0, stderr);
      assert.equal(statSync(data()).uid, unnamed);
      assert.equal(statSync(data()).mode & 0o777, 0o700);
    },
  );
});
