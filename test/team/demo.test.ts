import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { useDirectory } from '../auth/fixtures.ts';
import '../bundle.ts';
import { eventually } from '../eventually.ts';
import { describeNeeds, itNeeds } from '../needs.ts';
import { demoArguments } from './demoArguments.ts';

const root = join(import.meta.dirname, '..', '..');
/** A user of no name, who owns nothing else. */
const nobody = 65_534;

describeNeeds(['a POSIX system'], '`npm run demo -- --team`', function () {
  this.timeout(180_000);
  const directory = useDirectory();

  /** Starts it with a folder for temporary files of its own. */
  function start(uid?: number) {
    const { path } = directory;
    // Postgres runs as another user where this one is root.
    chmodSync(path, 0o755);
    if (uid !== undefined) chownSync(path, uid, uid);
    const child = spawn(process.execPath, demoArguments, {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', HOME: path, TMPDIR: path },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, as a terminal makes one of what it runs.
      detached: true,
      ...(uid !== undefined && { uid, gid: uid }),
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    }
    return {
      said: () => said,
      kill: (signal: NodeJS.Signals) => child.kill(signal),
      killGroup: (signal: NodeJS.Signals) => process.kill(-child.pid!, signal),
      ended: once(child, 'close') as Promise<[number | null]>,
    };
  }

  /** Nothing is left: no file, and nobody who listens where the demo said. */
  async function leavesNothing(said: string): Promise<void> {
    await eventually('the end of what cleans up', () => readdirSync(directory.path).length === 0);
    const origins = said.match(/http:\/\/(?:127\.0\.0\.1|localhost):\d+/g) ?? [];
    for (const origin of origins) await assert.rejects(fetch(origin), origin);
  }

  async function isWhole(running: ReturnType<typeof start>): Promise<void> {
    const [code] = await running.ended;
    const said = running.said();
    assert.equal(code, 0, said);
    for (const step of [
      /Postgres runs with two roles/,
      /ada@example\.com is signed in/,
      /grace@example\.com is signed in/,
      /sees their own alone: Ada "Spin the wool", Grace "Weave the cloth"/,
      /first server is killed/,
      /were acknowledged, and all of those are there, once/,
      /started again, and takes its share/,
      /one todo, as before/,
      /Both servers are asked to stop/,
      /That is all there is to it/,
    ]) {
      assert.match(said, step);
    }
    await leavesNothing(said);
  }

  it('shows a team’s server in words, also where the port of sign-ins is taken', async () => {
    const other = createServer().listen(8765, '127.0.0.1');
    await once(other, 'listening');
    try {
      await isWhole(start());
    } finally {
      other.close();
    }
  });

  itNeeds(['root'], 'works for a user who is not root', async () => {
    await isWhole(start(nobody));
  });

  for (const [how, signal, code] of [
    ['from a terminal, as all that it has started does', 'SIGINT', 130],
    ['alone', 'SIGTERM', 143],
  ] as const) {
    it(`ends without a trace where it gets ${signal} in the middle, ${how}`, async () => {
      const running = start();
      await eventually('the people', () => running.said().includes('Two people sign in'));
      if (how === 'alone') running.kill(signal);
      else running.killGroup(signal);
      assert.equal((await running.ended)[0], code, running.said());
      await leavesNothing(running.said());
    });
  }
});
