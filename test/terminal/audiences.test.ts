import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { decodeJwt } from 'jose';
import { library } from '../bundle.ts';
import { useUser } from '../tenant/useTenant.ts';
import { run, signIn, userEnvironment, visits } from './fixtures.ts';

const notes = { identifier: 'https://notes.example.com/', scopes: ['notes:read', 'notes:write'] };
const bank = { identifier: 'https://bank.example.com/', scopes: ['pay'] };

const acme = { id: 'org_acme', name: 'acme', members: ['auth0|ada'] };

/** What a token is for: its API and its scopes besides the usual ones. */
function purposeOf(token: string): [audience: string | undefined, scopes: string[]] {
  const { aud, scope } = decodeJwt(token.trim());
  const own = [...notes.scopes, ...bank.scopes];
  return [
    [aud ?? []].flat()[0],
    String(scope)
      .split(' ')
      .filter(one => own.includes(one)),
  ];
}

describe('an API that a command or a program names', () => {
  const given = useUser(undefined, {
    apis: [notes, bank],
    // Not for the bank: there a pass through the browser is needed.
    mrrt: [{ audience: notes.identifier, scopes: notes.scopes }],
    organizations: [acme],
  });
  const here = (env: Record<string, string> = {}) => ({
    tenant: given.tenant,
    directory: given.directory,
    env,
  });

  async function program(options: object): Promise<string> {
    const path = join(given.directory, 'program.mjs');
    writeFileSync(
      path,
      `import { ensureAuthenticated } from ${JSON.stringify(pathToFileURL(library).href)};
      console.log(await ensureAuthenticated(${JSON.stringify(options)}).catch(error => error.code + ' ' + error.message));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [path], {
      cwd: given.directory,
      env: userEnvironment(here()),
    });
    return stdout;
  }

  it('is what the token of "omnispindle token" is for, with the scopes it names', async () => {
    const plain = await run(here(), 'token', '--login');
    assert.deepEqual(purposeOf(plain.stdout), [given.tenant.audience, []]);
    const { stdout } = await run(here(), 'token', '--audience', notes.identifier, '--scope', 'notes:read');
    assert.deepEqual(purposeOf(stdout), [notes.identifier, ['notes:read']]);
    assert.equal(visits(given.directory).length, 1);
    assert.equal((await run(here(), 'token')).stdout, plain.stdout);
  });

  it('is what the token of the library is for, and shares the session with the command line', async () => {
    await signIn(here());
    const token = await program({ audience: notes.identifier, scopes: ['notes:write'] });
    assert.deepEqual(purposeOf(token), [notes.identifier, ['notes:write']]);
    const { stdout } = await run(here(), 'token', '--audience', notes.identifier, '--scope', 'notes:write');
    assert.equal(stdout, token);
    assert.equal(visits(given.directory).length, 1);
  });

  it('must be the one that an AUTH0_TOKEN is for', async () => {
    const own = await given.tenant.sign({ aud: notes.identifier });
    const env = { AUTH0_TOKEN: own };
    assert.equal((await run(here(env), 'token', '--audience', notes.identifier)).stdout.trim(), own);
    const { code, stderr } = await run(here(env), 'token', '--audience', bank.identifier);
    assert.equal(code, 3);
    assert.match(stderr, /not for the API https:\/\/bank\.example\.com\//);
  });

  it('is named by whoami and doctor, with what its tokens cost at the tenant', async () => {
    await signIn(here());
    const before = await run(here(), 'whoami');
    assert.doesNotMatch(before.stdout, /API/);
    await run(here(), 'token', '--audience', notes.identifier);
    await run(here(), 'token', '--login', '--audience', bank.identifier);
    assert.equal(visits(given.directory).length, 2);
    const { stdout } = await run(here(), 'whoami');
    assert.match(stdout, /^.*auth0\|ada\), also for the APIs .*notes\.example/);
    const { accounts } = JSON.parse((await run(here(), 'whoami', '--json')).stdout) as {
      accounts: { audiences: string[] }[];
    };
    assert.deepEqual(accounts[0]?.audiences.toSorted(), [bank.identifier, notes.identifier]);
    given.tenant.resetCounters();
    const doctor = await run(here(), 'doctor');
    assert.match(doctor.stdout, /APIs: one sign-in gives .* tokens for https:\/\/notes\.example\.com\/\./);
    assert.match(doctor.stdout, /For https:\/\/bank\.example\.com\/ .* Multi-Resource Refresh Token/);
    assert.equal(given.tenant.counters()['token:refresh_token'] ?? 0, 0);
  });

  for (const [value, said] of [
    ['', /It is empty\. Give the identifier of an API/],
    ['${NOTES}', /no identifier of an API/],
    ['two words', /no identifier of an API/],
    ['x'.repeat(601), /more than 600 characters/],
  ] as const) {
    it(`is refused before anything is asked, where it is wrong: ${JSON.stringify(value.slice(0, 12))}`, async () => {
      for (const command of [['token'], ['run', '--variable', 'T']]) {
        const { code, stderr } = await run(here(), ...command, '--audience', value, '--', 'true');
        assert.equal(code, 2);
        assert.match(stderr, said);
      }
      assert.equal(visits(given.directory).length, 0);
    });
  }

  it('gives the library a token with the organization that it names', async () => {
    const token = await program({ organization: acme.id });
    assert.equal(decodeJwt(token.trim())['org_id'], acme.id);
    assert.match((await run(here(), 'whoami')).stdout, /auth0\|ada, org_acme\)/);
    assert.match(await program({ organization: ' ' }), /^invalid_settings .*organization/);
  });
});

describe('doctor, about a tenant that makes demands', () => {
  const given = useUser(undefined, { organizations: [acme], pushedRequests: 'required' });

  it('names the organization that people sign in to, and that requests are pushed', async () => {
    const env = { AUTH0_ORGANIZATION: acme.id };
    const { code, stdout } = await run({ tenant: given.tenant, directory: given.directory, env }, 'doctor');
    assert.match(
      stdout,
      /✔ Tenant: .*sign in to its organization org_acme\. .*pushed \(PAR\), which is done\./,
    );
    assert.match(stdout, /✔ Callback: the tenant allows/);
    assert.equal(code, 0);
  });
});
