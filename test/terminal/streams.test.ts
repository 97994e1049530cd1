import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { useUser } from '../tenant/useTenant.ts';
import { cli, run, userEnvironment, visits } from './fixtures.ts';
import { runOnTerminal } from './onTerminal.ts';
import { describeNeeds } from '../needs.ts';

const escape = '\u001b';

describe('what is written', () => {
  const given = useUser();
  const here = (env: Record<string, string> = {}) => ({
    tenant: given.tenant,
    directory: given.directory,
    env,
  });

  describe('for people, where nobody reads it', () => {
    function start(...args: string[]) {
      const child = spawn(process.execPath, [cli, ...args], {
        env: userEnvironment(here({ OMNISPINDLE_DEBUG: '1' })),
        cwd: given.directory,
      });
      child.stderr.destroy();
      let stdout = '';
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      return { child, stdout: () => stdout, ended: once(child, 'close') };
    }

    it('does not keep a server from signing in and answering', async () => {
      const { child, stdout, ended } = start('serve');
      for (const message of [
        {
          id: 1,
          method: 'initialize',
          params: {
            protocolVersion: '2025-06-18',
            capabilities: {},
            clientInfo: { name: 'test', version: '1' },
          },
        },
        { method: 'notifications/initialized' },
        { id: 2, method: 'tools/call', params: { name: 'whoami', arguments: {} } },
      ]) {
        child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
      }
      child.stdin.on('error', () => undefined);
      while (!stdout().includes('"id":2')) await Promise.race([once(child.stdout, 'data'), stopped()]);
      assert.match(stdout(), /ada@example\.com/);
      assert.equal(visits(given.directory).length, 1);
      child.stdin.end();
      assert.deepEqual(await ended, [0, null]);

      async function stopped(): Promise<never> {
        assert.fail(`It ended: ${String(await ended)}`);
      }
    });

    it('does not keep a sign-in from its end', async () => {
      const { stdout, ended } = start('login');
      assert.deepEqual(await ended, [0, null]);
      assert.match(stdout(), /signed in as ada@example\.com/);
    });
  });

  it('to a full disk is lost, which is said in a line and by the exit code', () => {
    const ran = spawnSync(process.execPath, [cli, 'init', '--client', 'cursor', '--print'], {
      env: userEnvironment(here()),
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
      encoding: 'utf8',
    });
    assert.equal(ran.status, 1);
    assert.match(ran.stderr, /^omnispindle: The output could not be written \(ENOSPC\)\. Free some .*\n$/);
  });

  describeNeeds(['Linux'], 'in colours and with a spinner', () => {
    /** Runs a command on a terminal. @returns what the terminal is sent */
    const onTerminal = async (env: Record<string, string>, ...args: string[]): Promise<string> =>
      (await runOnTerminal(here(env), args, { columns: 0 })).sent;

    it('is what goes to a terminal', async () => {
      const text = await onTerminal({}, 'login');
      assert.match(text, /Waiting for you to sign in…/);
      assert.ok(text.includes(`${escape}[32mYou are signed in as ada@example.com.${escape}[39m`), text);
    });

    it('is not what goes to a terminal with NO_COLOR', async () => {
      const text = await onTerminal({ NO_COLOR: '1' }, 'init', '--client', 'cursor', '--npx');
      assert.match(text, /^Cursor now starts/);
    });

    it('is nothing that goes to a script', async () => {
      for (const args of [['login'], ['doctor'], ['logout']]) {
        const { stdout, stderr } = await run(here({ FORCE_COLOR: '1' }), ...args);
        assert.equal(stripVTControlCharacters(stdout), stdout);
        assert.equal(stripVTControlCharacters(stderr), stderr);
        assert.doesNotMatch(stderr, /Waiting for you to sign in/);
      }
    });
  });
});
