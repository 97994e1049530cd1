import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { library } from '../bundle.ts';
import { call, cli, run, runWith, userEnvironment, visits } from './fixtures.ts';
import { callOf, callTold, count, serverCommands, unset, useEnvFile } from './useEnvFile.ts';
import { itNeeds } from '../needs.ts';

const nobody = 65_534;

describe('a .env of the working directory', () => {
  const given = useEnvFile();

  /** Runs a program that uses the library, in the directory. */
  function program(body: string, env: Record<string, string>) {
    const file = join(given.directory, 'program.mjs');
    writeFileSync(
      file,
      `import { ensureAuthenticated } from ${JSON.stringify(pathToFileURL(library).href)};\n${body}`,
    );
    return promisify(execFile)(process.execPath, [file], {
      cwd: given.directory,
      env: userEnvironment(given.here(env)),
    });
  }

  for (const name of serverCommands) {
    it(`[T1] that nobody trusts sends no sign-in to the tenant it names: ${name}`, async () => {
      writeFileSync(given.path, given.evilFile);
      const failed = await given
        .start(name, given.here(unset))
        .then(({ client }) => client.callTool(callOf(name)))
        .then(({ content }) => JSON.stringify(content), String);
      assert.deepEqual(given.evil.counters(), {});
      assert.deepEqual(visits(given.directory), []);
      assert.match(failed, /could not be reached/);
      assert.ok(failed.includes(`omnispindle trust ${given.path}`), failed);
    });
  }

  for (const command of ['login', 'token', 'whoami', 'logout', 'doctor']) {
    it(`[T1] that nobody trusts sends no sign-in to the tenant it names: ${command}`, async () => {
      writeFileSync(given.path, given.evilFile);
      const args = command === 'token' ? ['--login'] : [];
      const { stdout, stderr } = await run(given.here(unset), command, ...args);
      assert.deepEqual(given.evil.counters(), {});
      assert.deepEqual(visits(given.directory), []);
      assert.ok((command === 'doctor' ? stdout : stderr).includes(`omnispindle trust ${given.path}`), stderr);
    });
  }

  it('[T1] that nobody trusts sends no sign-in to the tenant it names: the library', async () => {
    writeFileSync(given.path, given.evilFile);
    const ask =
      'await ensureAuthenticated().catch(() => undefined); await ensureAuthenticated().catch(() => undefined);';
    const { stderr } = await program(ask, unset);
    assert.equal(count(stderr, `omnispindle trust ${given.path}`), 1, stderr);
    const listening = `const onProgress = message => console.log(message);
      await ensureAuthenticated({ onProgress }).catch(() => undefined);`;
    const { stdout, stderr: unheard } = await program(listening, unset);
    assert.ok(stdout.includes(`omnispindle trust ${given.path}`), stdout);
    assert.equal(unheard, '');
    assert.deepEqual(given.evil.counters(), {});
  });

  it('[T1] that nobody trusts does not make what a person writes land in another account', async () => {
    writeFileSync(given.path, `AUTH0_TOKEN=${await given.tenant.sign({ sub: 'auth0|mallory' })}\n`);
    const served = await given.start('serve', given.here());
    await call(served.client, 'add_todo', { description: 'Mine', project: 'p' });
    assert.equal((await call(served.client, 'whoami')).result?.['email'], 'ada@example.com');
    assert.equal(visits(given.directory).length, 1);
    for (const name of ['connect', 'run'] as const) {
      const { texts } = await callTold(name, await given.start(name, given.here()));
      assert.ok(!texts.join('').includes('mallory'), texts.join(''));
    }
    const sent = given.remote.requests.map(({ authorization = '' }) => authorization.split('.')[1] ?? '');
    assert.ok(sent.length > 0);
    for (const payload of sent) assert.ok(!Buffer.from(payload, 'base64url').toString().includes('mallory'));
    const { stdout } = await run(given.here(), 'whoami');
    assert.match(stdout, /^ada@example\.com/);
  });

  for (const name of serverCommands) {
    it(`[T1] that nobody trusts is said once, on stderr and in the first call's progress: ${name}`, async () => {
      writeFileSync(given.path, 'AUTH0_TOKEN=S3CRET\nCALLBACK_PORT=9\n');
      const served = await given.start(name, given.here());
      const first = await callTold(name, served);
      const second = await callTold(name, served);
      const said = `${given.path} sets AUTH0_TOKEN, CALLBACK_PORT, but you have not said that you trust it`;
      assert.equal(count(first.told.join('\n'), said), 1, first.told.join('\n'));
      assert.equal(count(second.told.join('\n'), said), 0);
      await served.says(/you have not said that you trust it/);
      assert.equal(count(served.stderr(), said), 1, served.stderr());
      assert.deepEqual([first.texts.length, second.texts.length], [1, 1]);
      assert.ok(!served.stderr().includes('S3CRET') && !first.told.join('\n').includes('S3CRET'));
    });
  }

  it('[T1] that nobody trusts is said last in the answer, where the client takes no progress', async () => {
    writeFileSync(given.path, 'AUTH0_TOKEN=S3CRET\n');
    const { client } = await given.start('serve', given.here());
    const answer = async () =>
      (await client.callTool({ name: 'whoami', arguments: {} })).content as { text: string }[];
    const [content, notice, ...rest] = await answer();
    assert.equal((JSON.parse(content?.text ?? '') as { email: string }).email, 'ada@example.com');
    assert.ok(notice?.text.includes(`omnispindle trust ${given.path}`), notice?.text);
    assert.deepEqual(rest, []);
    assert.equal((await answer()).length, 1);
  });

  it('[T1] is not spoken of where it sets nothing of ours', async () => {
    writeFileSync(given.path, 'DATABASE_URL=postgres://x\nAUTH0_SECRET=x\nAUTH0_DOMAIN=\nAUTH0_TOKEN=""\n');
    const served = await given.start('serve', given.here());
    const { told } = await callTold('serve', served);
    assert.ok(!`${told.join('\n')}${served.stderr()}`.includes('.env'), served.stderr());
    const { code, stderr } = await runWith('y\n', given.here(), 'trust');
    assert.equal(code, 2);
    assert.match(stderr, /sets nothing that Omnispindle reads/);
  });

  const kinds: Record<string, () => unknown> = {
    'a FIFO': () => execFileSync('mkfifo', [given.path]),
    'a directory': () => {
      mkdirSync(given.path);
    },
    'a link to a device without end': () => {
      symlinkSync('/dev/zero', given.path);
    },
    'a link to a FIFO': () => {
      execFileSync('mkfifo', [join(given.directory, 'fifo')]);
      symlinkSync(join(given.directory, 'fifo'), given.path);
    },
    'a link to itself': () => {
      symlinkSync('.env', given.path);
    },
    'larger than 64 kB': () => {
      writeFileSync(given.path, `AUTH0_TOKEN=nonsense\n${'#'.repeat(64 * 1024)}`);
    },
    'a socket': () =>
      new Promise(resolve => {
        const server = createServer().listen(given.path, () => {
          server.unref();
          resolve(undefined);
        });
      }),
  };
  for (const [kind, make] of Object.entries(kinds)) {
    it(`[T1] that is ${kind} is not read, keeps nobody waiting, and is said`, async () => {
      await make();
      const served = await given.start('serve', given.here());
      const { told, texts } = await callTold('serve', served);
      assert.match(texts.join(''), /ada@example\.com/);
      await served.says(/ was not read: /);
      for (const said of [told.join('\n'), served.stderr()]) {
        assert.ok(said.includes(`${given.path} was not read: `), said);
      }
      assert.equal((await runWith('y\n', given.here(), 'trust')).code, 2);
      const named = await run(given.here({ OMNISPINDLE_ENV_FILE: given.path }), 'whoami');
      assert.equal(named.code, 2);
      assert.match(named.stderr, /OMNISPINDLE_ENV_FILE names .*, which was not read: /);
    });
  }

  itNeeds(['root'], '[T1] that is another user’s secret is not read, and is said', async () => {
    writeFileSync(given.path, 'CALLBACK_PORT=many\n', { mode: 0o600 });
    const { stderr } = await run(given.here({ OMNISPINDLE_DATA_DIR: '' }, { uid: nobody }), 'whoami');
    assert.match(stderr, /\.env was not read: it cannot be read \(EACCES\)/);
  });

  it('[T1] counts as absent where the working directory has been removed', async () => {
    const gone = join(given.directory, 'gone');
    mkdirSync(gone);
    const script = `cd '${gone}' && rmdir '${gone}' && exec '${process.execPath}' '${cli}' whoami --json`;
    const env = userEnvironment(given.here({ AUTH0_TOKEN: await given.tenant.sign({}) }));
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { env });
    assert.match(stdout, /"id":"auth0\|ada"/);
  });
});
