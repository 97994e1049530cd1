import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { library as libraryPath } from './bundle.ts';
import { useUser } from './tenant/useTenant.ts';
import { run, signIn, userEnvironment, visits, type Surroundings } from './terminal/fixtures.ts';

const library = pathToFileURL(libraryPath).href;

describe('the library', () => {
  const given = useUser();
  const here = (more: Partial<Surroundings> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    ...more,
  });

  /** Runs a program that uses the library. @returns what it logs */
  async function program(body: string, more: Partial<Surroundings> = {}) {
    const path = join(given.directory, 'program.mjs');
    writeFileSync(
      path,
      `import { AuthError, OmnispindleError, ensureAuthenticated } from ${JSON.stringify(library)};
      const subject = token => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub;
      ${body}`,
    );
    const ran = await promisify(execFile)(process.execPath, [path], {
      cwd: given.directory,
      env: userEnvironment(here(more)),
    });
    return { stdout: ran.stdout.trim(), stderr: ran.stderr };
  }

  it('signs in at the first need, says where on stderr, and shares the session with the command line', async () => {
    const { stdout, stderr } = await program('console.log(await ensureAuthenticated());');
    assert.match(stderr, /Waiting for the sign-in in the browser.*\/authorize/);
    assert.equal((await run(here(), 'token')).stdout.trim(), stdout);
    const again = await program('console.log(await ensureAuthenticated());');
    assert.deepEqual(again, { stdout, stderr: '' });
    assert.equal(visits(given.directory).length, 1);
  });

  it('lets the program say it instead', async () => {
    const { stdout, stderr } = await program(
      `const onProgress = (message, url) => console.log(message.includes(url) && url.includes('/authorize'));
      await ensureAuthenticated({ onProgress });`,
    );
    assert.equal(stdout, 'true');
    assert.equal(stderr, '');
  });

  it('signs in once for all that ask at once', async () => {
    const { stdout } = await program(
      `const tokens = await Promise.all([1, 2, 3].map(() => ensureAuthenticated()));
      console.log(new Set(tokens).size);`,
    );
    assert.equal(stdout, '1');
    assert.equal(visits(given.directory).length, 1);
  });

  it('gives AUTH0_TOKEN, where it is good, and else says what is wrong with it', async () => {
    const body = `console.log(await ensureAuthenticated().catch(error => [error instanceof AuthError, error.code].join()));`;
    const own = await given.tenant.sign({});
    assert.equal((await program(body, { env: { AUTH0_TOKEN: own } })).stdout, own);
    assert.equal((await program(body, { env: { AUTH0_TOKEN: 'x' } })).stdout, 'true,invalid_token');
    assert.deepEqual(visits(given.directory), []);
  });

  it('throws what OmnispindleError and AuthError catch, also where no tenant was asked', async () => {
    const body = `const error = await ensureAuthenticated().catch(error => error);
      console.log([error instanceof OmnispindleError, error instanceof AuthError, error.code].join());`;
    const { stdout } = await program(body, { env: { AUTH0_DOMAIN: 'not a host' } });
    assert.equal(stdout, 'true,true,invalid_settings');
  });

  it('gives the token of the account that is asked for, before that of the environment', async () => {
    await signIn(here());
    await signIn(here({ person: 'google' }));
    const ask = (account: string) => `console.log(subject(await ensureAuthenticated({ ${account} })));`;
    const env = { OMNISPINDLE_ACCOUNT: 'ada@example.com' };
    assert.equal((await program(ask(''), { env })).stdout, 'auth0|ada');
    assert.equal(
      (await program(ask('account: "grace@gmail.example"'), { env })).stdout,
      'google-oauth2|104242',
    );
  });

  it('stops waiting when it is told to', async () => {
    const { stdout } = await program(
      `const stop = new AbortController();
      const onProgress = () => stop.abort();
      const error = await ensureAuthenticated({ signal: stop.signal, onProgress }).catch(error => error);
      console.log(error.code);
      process.exit();`,
      { env: { BROWSER: 'none' } },
    );
    assert.equal(stdout, 'cancelled');
  });
});
