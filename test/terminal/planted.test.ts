import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { plantedDirectories, stranger } from '../auth/plants.ts';
import { call, run, visits, type Surroundings } from './fixtures.ts';
import { useServers } from './useServers.ts';

describe('[T7] a data directory that another user has put there', () => {
  const given = useServers();
  const here = (more: Partial<Surroundings> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    ...more,
  });
  const data = () => join(given.directory, 'data');

  for (const [name, { plant, says }] of Object.entries(plantedDirectories)) {
    it(`gets no sign-in and no todo, and no browser opens, where it is ${name}`, async () => {
      plant(data());
      for (const command of ['login', 'token', 'whoami', 'logout']) {
        const { code, stdout, stderr } = await run(here(), command);
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
        made.filter(path => /sessions|omnispindle\.db|compile-cache|\.lock/.test(path)),
        [],
      );
    });
  }

  it('is refused by any user, not by root alone, and their own is used', async () => {
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
    assert.match((await run(here(), 'doctor')).stdout, /✔ Directory: .*data is only yours\./);
  });
});
