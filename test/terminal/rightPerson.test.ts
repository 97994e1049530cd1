import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import type { GooglePerson, Person } from '../tenant/browserless.ts';
import { useUser } from '../tenant/useTenant.ts';
import { call, run, runWith, serve, signIn, start, visits, type Ran, type Surroundings } from './fixtures.ts';

const password = 'a long password';
const bob = { sub: 'auth0|bob', email: 'bob@example.com', name: 'Bob', password };
const grace = { sub: 'auth0|grace', email: 'grace@example.com', name: 'Grace', password };
const googleAccount = { email: grace.email, name: 'Grace Hopper', password };
const byGoogle: GooglePerson = { google: googleAccount };
const ada = 'ada@example.com';

interface WhoAmI {
  readonly accounts: readonly { readonly id: string; readonly label: string }[];
}

describe('the right person, where the browser stays logged in,', () => {
  const given = useUser(undefined, {
    accounts: [bob, grace],
    googleAccount,
    organizationNames: true,
    organizations: [
      { id: 'org_acme', name: 'acme', members: ['auth0|ada', bob.sub] },
      { id: 'org_other', name: 'other', members: ['auth0|ada'] },
      { id: 'org_closed', name: 'closed', members: [] },
    ],
    logoutUrls: [],
  });

  const profile = () => join(given.directory, 'cookies.json');
  const written = () => (existsSync(profile()) ? statSync(profile()).mtimeMs : 0);
  const here = (person?: Person | GooglePerson, env: Record<string, string> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    ...(person && { person }),
    env: { DEMO_BROWSER_COOKIES: profile(), ...env },
  });

  /** Runs a login, and waits until the browser has kept its cookies. */
  async function login(person: Person | GooglePerson | undefined, ...args: string[]): Promise<Ran> {
    const before = written();
    const ran = await run(here(person), 'login', ...args);
    for (let waited = 0; written() === before && waited < 3_000; waited += 50) await delay(50);
    return ran;
  }
  const lastVisit = () => new URL(visits(given.directory).at(-1) ?? '').searchParams;
  const accounts = async (...args: string[]) =>
    (JSON.parse((await run(here(), 'whoami', '--json', ...args)).stdout) as WhoAmI).accounts;
  const claims = async (...args: string[]) =>
    decodeJwt(
      (JSON.parse((await run(here(), 'token', '--json', ...args)).stdout) as { token: string }).token,
    );
  const sessions = () => {
    const directory = join(given.directory, 'data', 'sessions');
    return readdirSync(directory).map(name => readFileSync(join(directory, name), 'utf8'));
  };

  it('is another one after a second login: two accounts side by side', async () => {
    assert.equal((await login(undefined)).code, 0);
    assert.equal(lastVisit().get('prompt'), null);
    const { code, stdout } = await login(bob);
    assert.equal(code, 0);
    assert.match(stdout, /You are signed in as bob@example\.com\./);
    assert.equal(lastVisit().get('prompt'), 'login');
    assert.deepEqual(
      (await accounts()).map(({ label }) => label),
      [bob.email, ada],
    );
    assert.equal((await claims('--account', ada)).sub, 'auth0|ada');
    assert.equal((await claims('--account', bob.email)).sub, bob.sub);
  });

  it('is said to be the same as before where no other one was chosen', async () => {
    await login(undefined);
    const { code, stdout } = await login(undefined);
    assert.equal(code, 0);
    assert.match(stdout, /signed in as ada@example\.com, as before: no other account was added/);
    assert.equal((await accounts()).length, 1);
  });

  it('passes without typing where it is the known account, and is refused where it is another one', async () => {
    await login(undefined);
    given.tenant.resetCounters();
    assert.equal((await login(undefined, '--account', ada)).code, 0);
    assert.deepEqual([lastVisit().get('prompt'), lastVisit().get('login_hint')], [null, ada]);
    assert.deepEqual(given.tenant.counts().pages, {});
    await login(bob);
    const before = sessions();
    const refused = await login(undefined, '--account', ada);
    assert.equal(refused.code, 3);
    assert.match(
      refused.stderr,
      /You signed in as bob@example\.com, but ada@example\.com was asked for, so nothing was changed/,
    );
    assert.match(refused.stderr, /omnispindle login --fresh --account "ada@example\.com"/);
    assert.deepEqual(sessions(), before);
    const json = await run(here(), 'login', '--account', ada, '--json');
    assert.equal((JSON.parse(json.stdout) as { code: string }).code, 'account_mismatch');
    assert.equal((await login(undefined, '--account', ada, '--fresh')).code, 0);
    assert.equal((await claims('--account', ada)).sub, 'auth0|ada');
  });

  it('is who is named, signs up, or comes from Google, although somebody else is logged in', async () => {
    await login(undefined);
    assert.equal((await login(bob, '--account', bob.email)).code, 0);
    const signUp = { name: 'New', email: 'new@example.com', password };
    assert.match((await login({ signUp }, '--signup')).stdout, /signed in as new@example\.com/);
    assert.equal(lastVisit().get('screen_hint'), 'signup');
    assert.match((await login(byGoogle, '--google')).stdout, /signed in as grace@example\.com/);
    assert.equal(given.tenant.counts().passedThrough, 0);
  });

  it('is the one that a server signs in by name, and no other session is lost', async () => {
    await login(undefined);
    const { client } = await serve({ ...here(bob), serveArgs: ['--account', bob.email] });
    assert.equal((await call(client, 'whoami')).result?.['email'], bob.email);
    await client.close();
    assert.equal((await accounts()).length, 2);
  });

  it('cannot be asked for with a code, which is said before with the ways out', async () => {
    await login(undefined);
    const waiting = start(here(undefined, { BROWSER: '' }), 'login', '--device', '--organization', 'acme');
    await waiting.says(/enter the code/);
    const said = waiting.stderr();
    assert.match(said, /A code cannot ask for the organization acme/);
    assert.match(said, /ssh -L 8765:localhost:8765/);
    assert.ok(said.indexOf('A code cannot ask') < said.indexOf('enter the code'), said);
    process.kill(waiting.pid, 'SIGINT');
    await waiting.ended;
    const another = start(here(undefined, { BROWSER: '' }), 'login', '--device');
    await another.says(/A code cannot ask for another account.*omnispindle logout --browser/s);
    process.kill(another.pid, 'SIGINT');
    await another.ended;
    const link = given.tenant.invite('org_closed');
    const invited = await run(here(undefined, { BROWSER: '', SSH_TTY: 'x' }), 'login', '--invitation', link);
    assert.equal(invited.code, 1);
    assert.match(invited.stderr, /An invitation cannot be accepted with a code/);
  });

  it('signs in with a code to the organization that is asked for, or not at all', async () => {
    await login(undefined);
    const before = sessions();
    const { code, stderr } = await login(undefined, '--device', '--organization', 'acme');
    assert.equal(code, 3);
    assert.match(stderr, /gave a token for no organization, but acme was asked for/);
    assert.deepEqual(sessions(), before);
  });

  describe('of an organization', () => {
    it('has a session of its own, for the organization that was asked for by id, name or variable', async () => {
      await login(undefined, '--organization', 'org_acme');
      assert.equal((await claims('--organization', 'ACME'))['org_id'], 'org_acme');
      assert.equal((await login(undefined, '--organization', 'other')).code, 0);
      assert.equal(lastVisit().get('organization'), 'other');
      await login(undefined, '--account', 'auth0|ada', '--organization', 'org_closed');
      assert.deepEqual((await accounts()).map(({ label }) => label).toSorted(), [
        'ada@example.com (acme)',
        'ada@example.com (other)',
      ]);
      const named = await run(here(undefined, { AUTH0_ORGANIZATION: 'other' }), 'whoami', '--json');
      assert.deepEqual(
        (JSON.parse(named.stdout) as WhoAmI).accounts.map(({ label }) => label),
        ['ada@example.com (other)'],
      );
      const visited = visits(given.directory).length;
      assert.equal((await claims('--organization', 'org_other'))['org_id'], 'org_other');
      assert.equal((await claims('--account', 'ada@example.com (acme)'))['org_id'], 'org_acme');
      assert.equal(visits(given.directory).length, visited);
      const ambiguous = await run(here(), 'token', '--account', ada);
      assert.equal(ambiguous.code, 2);
      assert.match(
        ambiguous.stderr,
        /Several accounts.*ada@example\.com \((?:acme|other)\), ada@example\.com/,
      );
    });

    it('is signed out by it, and the other one of that person stays', async () => {
      await login(undefined, '--organization', 'acme');
      await login(undefined, '--organization', 'other');
      const { code, stdout } = await run(here(), 'logout', '--organization', 'acme');
      assert.equal(code, 0);
      assert.match(stdout, /Signed out: ada@example\.com \(acme\)\./);
      assert.deepEqual(
        (await accounts()).map(({ label }) => label),
        ['ada@example.com (other)'],
      );
    });

    it('is renewed for it, and shares its todos with the other organizations of that person', async () => {
      await login(undefined, '--organization', 'acme');
      await login(undefined, '--organization', 'other');
      const acme = await serve({ ...here(), serveArgs: ['--organization', 'acme'] });
      await call(acme.client, 'add_todo', { description: 'Ours', project: 'p' });
      await acme.client.close();
      const other = await serve({ ...here(), serveArgs: ['--organization', 'other'] });
      assert.equal((await call(other.client, 'query_todos')).result?.['total'], 1);
      await other.client.close();
    });

    it('is told that they are no member, that there is none, or that one is needed; no session is lost', async () => {
      await login(undefined);
      const before = sessions();
      const closed = await login(undefined, '--organization', 'org_closed');
      assert.equal(closed.code, 3);
      assert.match(closed.stderr, /You are no member of the organization org_closed/);
      const nowhere = await login(undefined, '--organization', 'org_nowhere');
      assert.equal(nowhere.code, 2);
      assert.match(nowhere.stderr, /knows no organization "org_nowhere".*AUTH0_ORGANIZATION/);
      assert.deepEqual(sessions(), before);
      const doctor = await run(here(), 'doctor', '--organization', 'org_nowhere');
      assert.match(doctor.stdout, /knows no organization "org_nowhere"/);
    });

    it('is what an MCP client’s server signs in to, as init writes it, the latest one alone', async () => {
      const init = (...args: string[]) => run(here(), 'init', '--client', 'cursor', '--npx', ...args);
      await init('--organization', 'other');
      const { code, stderr } = await init('--organization', 'acme');
      assert.equal(code, 0, stderr);
      const { stdout } = await init('--print');
      assert.match(stdout, /"serve",\s*"--organization",\s*"acme"\s*\]/);
      const none = await run(here(), 'init', '--organization', 'acme');
      assert.equal(none.code, 2);
      assert.match(none.stderr, /Say which client/);
    });

    it('is not chosen by a .env that nobody trusts', async () => {
      writeFileSync(join(given.directory, '.env'), 'AUTH0_ORGANIZATION=org_acme\n');
      const { code, stderr } = await login(undefined);
      assert.equal(code, 0);
      assert.equal(lastVisit().get('organization'), null);
      assert.match(stderr, /\.env/);
    });
  });

  describe('with an invitation', () => {
    it('becomes a member, once', async () => {
      await login(undefined);
      const link = given.tenant.invite('org_closed', { email: bob.email });
      const { code, stdout, stderr } = await login(bob, '--invitation', link);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /signed in as bob@example\.com \(closed\)/);
      const before = sessions();
      const again = await login(bob, '--invitation', link);
      assert.equal(again.code, 3);
      assert.match(again.stderr, /The invitation has been used, has ended, or is not known/);
      const ticket = new URL(link).searchParams.get('invitation') ?? '';
      // The address to open has it, and nothing else.
      assert.ok(!again.stderr.replaceAll(/http\S+/g, '').includes(ticket), again.stderr);
      assert.deepEqual(sessions(), before);
    });

    it('that comes by stdin is in no argument', async () => {
      const link = given.tenant.invite('org_closed');
      const { code, stdout } = await runWith(`${link}\n`, here(), 'login', '--invitation', '-');
      assert.equal(code, 0);
      assert.match(stdout, /signed in as ada@example\.com \(closed\)/);
    });

    for (const link of [
      'http://app.example/?invitation=a&organization=b',
      'https://app.example/?invitation=a',
      'x',
    ]) {
      it(`that is none gets a clear error: ${link}`, async () => {
        const { code, stderr } = await run(here(), 'login', '--invitation', link);
        assert.equal(code, 2);
        assert.match(stderr, /This is not the link of an invitation/);
        assert.deepEqual(visits(given.directory), []);
      });
    }
  });

  it('keeps a label of its own where two accounts have one e-mail address, also after a sign-out', async () => {
    await login(grace);
    await login(byGoogle, '--google');
    const labels = async () => new Map((await accounts()).map(({ id, label }) => [id, label]));
    assert.deepEqual(Object.fromEntries(await labels()), {
      'auth0|grace': grace.email,
      'google-oauth2|104242': `${grace.email} (Google)`,
    });
    assert.equal((await claims('--account', grace.email)).sub, grace.sub);
    assert.equal((await claims('--account', 'GRACE@example.com (google)')).sub, 'google-oauth2|104242');
    await run(here(), 'logout', '--all');
    await login(byGoogle, '--google');
    assert.deepEqual([...(await labels()).values()], [`${grace.email} (Google)`]);
    const kept = readFileSync(join(given.directory, 'data', 'labels.json'), 'utf8');
    assert.ok(!kept.includes('grace'), kept);
    const reset = await runWith('y\n', here(), 'reset');
    assert.equal(reset.code, 0);
    assert.ok(!existsSync(join(given.directory, 'data', 'labels.json')));
  });

  it('is asked for after a logout that ends the browser’s session, too', async () => {
    await login(undefined);
    const { code, stdout } = await run(here(), 'logout', '--browser');
    assert.equal(code, 0);
    assert.match(stdout, /Signed out: ada@example\.com\.\n.*log out at localhost/s);
    for (let waited = 0; given.tenant.counts().logouts === 0 && waited < 5_000; waited += 50) await delay(50);
    assert.equal(given.tenant.counts().logouts, 1);
    const visited = new URL(visits(given.directory).at(-1) ?? '');
    assert.equal(visited.pathname, '/oidc/logout');
    assert.deepEqual([...visited.searchParams.keys()], ['client_id', 'logout_hint']);
    await delay(300);
    given.tenant.resetCounters();
    await login(bob);
    assert.deepEqual(given.tenant.counts().pages, { login: 1 });
    const none = await run(here(undefined, { BROWSER: 'none' }), 'logout', '--browser', '--json');
    const { browser } = JSON.parse(none.stdout) as { browser: { url: string; opened: boolean }[] };
    assert.deepEqual(
      browser.map(({ opened, url }) => [opened, new URL(url).pathname]),
      [[false, '/oidc/logout']],
    );
  });
});

describe('a logout in the browser, at a tenant whose discovery names no address for it,', () => {
  const given = useUser(undefined, { endSessionInDiscovery: false });

  it('goes to Auth0’s own, also where nobody is signed in', async () => {
    const here = { tenant: given.tenant, directory: given.directory };
    const { code, stdout } = await run(here, 'logout', '--browser');
    assert.equal(code, 0);
    assert.match(stdout, /Nobody was signed in\./);
    const visited = () => visits(given.directory)[0];
    for (let waited = 0; visited() === undefined && waited < 5_000; waited += 50) await delay(50);
    assert.equal(visited(), `${given.tenant.domain}/v2/logout?client_id=${given.tenant.clientId}`);
  });

  it('says where the tenant cannot be reached, and nobody is signed in here any more', async () => {
    const here = { tenant: given.tenant, directory: given.directory };
    await signIn(here);
    given.tenant.setMode('down');
    const { code, stdout } = await run(here, 'logout', '--browser');
    assert.equal(code, 4);
    assert.match(stdout, /Signed out: ada@example\.com/);
    assert.match(stdout, /could not be reached/);
    assert.equal((await run(here, 'whoami')).code, 3);
  });
});
