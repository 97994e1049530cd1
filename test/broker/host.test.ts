import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { isOmnispindleError } from '../../src/common/errors.ts';
import { createBrokerTokenSource } from '../../src/broker/client.ts';
import type { BrokerHost } from '../../src/broker/host.ts';
import { addressVariable } from '../../src/broker/variables.ts';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { openWindow, post, question, spawnWindow, token, type Env } from './fixtures.ts';
import { itNeeds } from '../needs.ts';

describe('where the broker listens', () => {
  let window: BrokerHost;

  beforeEach(() => {
    window = openWindow(() => Promise.resolve(token('good')));
  });
  afterEach(() => window.dispose());

  const directoryOf = (env: Env) => dirname(env[addressVariable]!);

  /** What a person does when a server says that its window is gone: starts it again. */
  async function heals(lost: Env): Promise<void> {
    const client = createBrokerTokenSource(lost)!;
    await assert.rejects(client.getToken({}), error => isOmnispindleError(error, 'session_lost'));
    client.dispose();
    const { env } = await window.grant('ada');
    assert.notEqual(directoryOf(env), directoryOf(lost));
    assert.equal((await post(env, question())).status, 200);
    const again = await window.grant('ada');
    assert.equal(directoryOf(again.env), directoryOf(env));
  }

  it('is found again by a server that is started after its directory was tidied away', async () => {
    const { env } = await window.grant('ada');
    rmSync(directoryOf(env), { recursive: true });
    await heals(env);
  });

  it('is found again where only the socket was tidied away', async () => {
    const { env } = await window.grant('ada');
    rmSync(env[addressVariable]!);
    await heals(env);
    rmSync(directoryOf(env), { recursive: true });
  });

  itNeeds(['root'], 'is never a directory that somebody else put in its place', async () => {
    const { env } = await window.grant('ada');
    chownSync(directoryOf(env), 65_534, 65_534);
    const { env: next } = await window.grant('ada');
    assert.notEqual(directoryOf(next), directoryOf(env));
    assert.equal(statSync(directoryOf(next)).uid, 0);
    assert.equal((await post(next, question())).status, 200);
    rmSync(directoryOf(env), { recursive: true });
  });

  it('is another directory where the name of the temporary one is too long for a socket', async () => {
    const directory = temporaryDirectory();
    const long = join(directory.path, 'x'.repeat(100));
    mkdirSync(long);
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = long;
    try {
      const { env } = await window.grant('ada');
      assert.equal((await post(env, question())).status, 200);
      assert.equal(statSync(directoryOf(env)).mode & 0o777, 0o700);
      assert.deepEqual(readdirSync(long), []);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      directory.remove();
    }
  });

  it('is gone with its window, which waits for nothing when it ends', async () => {
    const { env, process: child } = await spawnWindow();
    assert.ok(existsSync(directoryOf(env)));
    child.send('end');
    await once(child, 'exit');
    assert.equal(existsSync(directoryOf(env)), false);
  });

  it('is nowhere any more for a server whose start was still under way when the window closed', async () => {
    await window.dispose();
    await assert.rejects(window.grant('ada'), error => isOmnispindleError(error, 'cancelled'));
  });
});
