import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cli, run, runWith, trust, userEnvironment } from './fixtures.ts';
import { useEnvFile } from './useEnvFile.ts';

describe('omnispindle trust: a .env', () => {
  const given = useEnvFile();

  it('[T1] counts once the person trusts it, after they have seen what it sets, but never a token', async () => {
    const token = await given.tenant.sign({ sub: 'auth0|file' });
    writeFileSync(
      given.path,
      `AUTH0_TOKEN=${token}\nAUTH0_CLIENT_ID="a\\u001b]0;x\u0007\u001b[2Jb"\nCALLBACK_PORT=9765\nX=y\n`,
    );
    for (const answer of ['', 'n\n', 'what\n', '\n']) {
      const refused = await runWith(answer, given.here(), 'trust');
      assert.equal(refused.code, 1);
      assert.match(refused.stdout, /Nothing was changed/);
    }
    assert.match((await run(given.here(), 'whoami', '--json')).stdout, /login_required/);
    const { code, stdout, stderr } = await runWith('y\n', given.here(), 'trust');
    assert.equal(code, 0, stderr);
    assert.ok(stdout.includes(`${given.path} is trusted`), stdout);
    for (const part of ['AUTH0_TOKEN=', 'AUTH0_CLIENT_ID=', 'CALLBACK_PORT=9765', given.path]) {
      assert.ok(stderr.includes(part), stderr);
    }
    assert.ok(!stderr.includes(token) && !stderr.includes('\u001b') && !stderr.includes('\u0007'), stderr);
    assert.equal(
      (JSON.parse((await run(given.here(), 'whoami', '--json')).stdout) as { accounts: { id: string }[] })
        .accounts[0]?.id,
      'auth0|file',
    );
  });

  it('[T1] is untrusted again when it has changed, and trusted when it is as it was', async () => {
    const mine = `AUTH0_TOKEN=${await given.tenant.sign({ sub: 'auth0|file' })}\n`;
    await trust(given.here(), mine);
    const whoami = async () => {
      const { stdout, stderr } = await run(given.here(), 'whoami', '--json');
      return { stdout, stderr };
    };
    assert.match((await whoami()).stdout, /auth0\|file/);
    writeFileSync(given.path, `${mine}#\n`);
    const changed = await whoami();
    assert.match(changed.stdout, /login_required/);
    assert.match(changed.stderr, /has changed since you trusted it.*omnispindle trust /);
    writeFileSync(given.path, mine);
    assert.match((await whoami()).stdout, /auth0\|file/);
  });

  it('[T1] is trusted by its path: a copy elsewhere is not, a link to it is', async () => {
    const mine = `AUTH0_TOKEN=${await given.tenant.sign({ sub: 'auth0|file' })}\n`;
    await trust(given.here(), mine);
    const whoamiIn = (name: string) =>
      promisify(execFile)(process.execPath, [cli, 'whoami', '--json'], {
        cwd: join(given.directory, name),
        env: userEnvironment(given.here()),
      }).then(
        ({ stdout }) => stdout,
        (error: unknown) => (error as { stdout: string }).stdout,
      );
    mkdirSync(join(given.directory, 'copy'));
    writeFileSync(join(given.directory, 'copy', '.env'), mine);
    assert.match(await whoamiIn('copy'), /login_required/);
    mkdirSync(join(given.directory, 'link'));
    symlinkSync(given.path, join(given.directory, 'link', '.env'));
    assert.match(await whoamiIn('link'), /auth0\|file/);
  });

  it('[T1] can be trusted no more, and the trusted ones be listed', async () => {
    const json = async (...args: string[]) =>
      JSON.parse((await runWith('y\n', given.here(), 'trust', ...args, '--json')).stdout) as Record<
        string,
        unknown
      >;
    assert.deepEqual(await json('--list'), { files: [] });
    writeFileSync(given.path, 'CALLBACK_PORT=9765\n');
    const other = join(given.directory, 'other.env');
    writeFileSync(other, 'CALLBACK_PORT=9765\n');
    const trusted = { path: given.path, trusted: true, sets: ['CALLBACK_PORT'] };
    assert.deepEqual(await json(), trusted);
    assert.deepEqual(await json(given.path), trusted);
    await Promise.all([json('other.env'), json('./.env')]);
    writeFileSync(other, 'CALLBACK_PORT=9766\n');
    const files = (await json('--list'))['files'] as { path: string; state: string }[];
    assert.deepEqual(
      files.sort((a, b) => a.path.localeCompare(b.path)),
      [
        { path: given.path, state: 'trusted' },
        { path: other, state: 'changed' },
      ],
    );
    assert.match((await run(given.here(), 'trust', '--list')).stdout, /\.env: trusted\n/);
    assert.deepEqual(await json('--remove'), { path: given.path, removed: true });
    assert.deepEqual(await json('--remove'), { path: given.path, removed: false });
    execFileSync('rm', [other]);
    assert.deepEqual((await json('--list'))['files'], [{ path: other, state: 'gone' }]);
    assert.deepEqual(await json('--remove', other), { path: other, removed: true });
    assert.match((await run(given.here(), 'doctor')).stdout, /✔ Settings file: .*omnispindle trust/);
  });

  it('[T1] is trusted in a list that only its owner can read, and whose loss trusts nothing', async () => {
    await trust(given.here(), 'CALLBACK_PORT=many\n');
    const list = join(given.directory, 'data', 'trusted.json');
    assert.equal(statSync(list).mode & 0o777, 0o600);
    assert.ok(!readFileSync(list, 'utf8').includes('many'));
    const here = given.here({ CALLBACK_PORT: '' });
    assert.match((await run(here, 'whoami')).stderr, /CALLBACK_PORT is "many"/);
    writeFileSync(list, '{"version":2}');
    assert.match(
      (await run(given.here(), 'whoami')).stderr,
      /but what you trust could not be read .*cannot be understood/,
    );
    const { code, stderr } = await runWith('y\n', given.here(), 'trust');
    assert.equal(code, 1);
    assert.match(stderr, /cannot be understood.*Update Omnispindle, or delete/);
    assert.equal(readFileSync(list, 'utf8'), '{"version":2}');
  });

  it('[T1] of just 64 kB is read', async () => {
    const start = `AUTH0_TOKEN=${await given.tenant.sign({ sub: 'auth0|file' })}\n`;
    await trust(given.here(), start + '#'.repeat(64 * 1024 - start.length));
    assert.match((await run(given.here(), 'whoami')).stdout, /auth0\|file/);
  });

  for (const name of [
    "it's $(touch pwned) `x`",
    'new\nline',
    'bell\u0007\u001b]0;x\u0007',
    'right\u202eleft',
    'a b',
    'ä',
  ]) {
    it(`[T1] in ${JSON.stringify(name)} is trusted by the very command that is said`, async () => {
      const directory = join(given.directory, name);
      mkdirSync(directory);
      writeFileSync(join(directory, '.env'), 'CALLBACK_PORT=many\n');
      const env = userEnvironment(given.here({ CALLBACK_PORT: '' }));
      const whoami = () =>
        promisify(execFile)(process.execPath, [cli, 'whoami'], { cwd: directory, env }).then(
          ({ stderr }) => stderr,
          (error: unknown) => (error as { stderr: string }).stderr,
        );
      const said = await whoami();
      assert.doesNotMatch(said, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      const [, command = ''] = /^omnispindle: .*: omnispindle (trust .*)$/m.exec(said) ?? [];
      assert.notEqual(command, '', said);
      execFileSync('bash', ['-c', `'${process.execPath}' '${cli}' ${command}`], {
        cwd: given.directory,
        env,
        input: 'y\n',
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      assert.match(await whoami(), /CALLBACK_PORT is "many"/);
      assert.ok(!readdirSync(given.directory).includes('pwned'));
    });
  }
});
