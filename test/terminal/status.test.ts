import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useUser } from '../tenant/useTenant.ts';
import { describeNeeds } from '../needs.ts';
import { run, signIn, visits, type Ran, type Surroundings } from './fixtures.ts';

const ada = 'ada@example.com';

describeNeeds(['a POSIX system'], '[F7] "omnispindle status"', () => {
  const given = useUser();
  const here = (env: Record<string, string> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    env,
  });
  const omnispindle = (...args: string[]) => run(here(), ...args);
  const json = ({ stdout }: Ran) => JSON.parse(stdout) as Record<string, unknown>;

  it('says where people sign in, that nobody is, and the command that helps', async () => {
    const { code, stdout } = await omnispindle('status');
    assert.equal(code, 3);
    assert.match(stdout, /^Sign-ins are at localhost:\d+, for the API /);
    assert.match(stdout, /✘ Nobody is signed in\.\n {2}Sign in with: omnispindle login\n/);
    assert.deepEqual(json(await omnispindle('status', '--json'))['accounts'], []);
    assert.deepEqual(visits(given.directory), []);
  });

  it('names every account, the one in use, until when, and where they are kept', async () => {
    await signIn(here());
    const { code, stdout } = await omnispindle('status');
    assert.equal(code, 0, stdout);
    assert.match(
      stdout,
      /✔ ada@example\.com \(Ada Lovelace, auth0\|ada\), in use: the access token ends .*, and is renewed by itself\./,
    );
    assert.ok(stdout.includes(`Kept in ${given.directory}`), stdout);
    const [account] = json(await omnispindle('status', '--json'))['accounts'] as Record<string, unknown>[];
    assert.deepEqual([account?.['label'], account?.['active'], account?.['renewable']], [ada, true, true]);
    assert.doesNotMatch(JSON.stringify(account), /eyJ/);
  });

  it('has a shape for programs, with nothing in it that is for people', async () => {
    const account = { id: 'auth0|ada', label: ada, name: 'Ada Lovelace', email: ada };
    await signIn(here());
    const signedIn = json(await run(here({ LANG: 'de_DE.UTF-8' }), 'status', '--json'));
    const [{ expiresAt }] = signedIn['accounts'] as [{ expiresAt: string }];
    assert.equal(new Date(expiresAt).toISOString(), expiresAt);
    const { domain, audience } = given.tenant;
    const expected = {
      ready: true,
      tenant: { domain, audience },
      accounts: [{ ...account, active: true, expiresAt, renewable: true, audiences: [] }],
      otherTenants: 0,
      sessions: { directory: join(given.directory, 'data', 'sessions'), encrypted: false },
    };
    assert.deepEqual(signedIn, expected);
    const withToken = here({ AUTH0_TOKEN: 'x', AUTH0_ORGANIZATION: 'acme' });
    assert.deepEqual(json(await run(withToken, 'status', '--json')), {
      ...expected,
      ready: false,
      tenant: { ...expected.tenant, organization: 'acme' },
      accounts: [],
      environmentToken: { valid: false },
    });
    const file = join(given.directory, 'settings');
    writeFileSync(file, `AUTH0_TOKEN=${await given.tenant.sign({})}\n`);
    const fromFile = json(await omnispindle('status', '--json', '-e', file));
    assert.deepEqual([fromFile['ready'], fromFile['environmentToken']], [true, { valid: true, file }]);
  });

  it('marks who works without a sign-in for now, and names the command that goes on', async () => {
    await signIn(here());
    const directory = join(given.directory, 'data', 'sessions');
    const rewrite = (more: object) => {
      for (const name of readdirSync(directory).filter(one => one.endsWith('.json'))) {
        const path = join(directory, name);
        const kept = JSON.parse(readFileSync(path, 'utf8')) as object;
        writeFileSync(path, JSON.stringify({ ...kept, refreshToken: undefined, ...more }));
      }
    };
    rewrite({});
    const fair = await omnispindle('status');
    assert.equal(fair.code, 0, fair.stdout);
    assert.match(fair.stdout, /^! ada@example\.com .*: signed in until .*, and not renewed\.$/m);
    assert.match(fair.stdout, /^ {2}Sign in with: omnispindle login --account ada@example\.com$/m);
    assert.equal(json(await omnispindle('status', '--json'))['ready'], true);
    rewrite({ expiresAt: Date.now() - 1000 });
    const ended = await omnispindle('status');
    assert.equal(ended.code, 3, ended.stdout);
    assert.match(ended.stdout, /^✘ ada@example\.com .*: the session ended /m);
  });

  it('names in its help, and in docs/json.md, every field that a program gets', async () => {
    await signIn(here());
    const report = json(await run(here({ AUTH0_TOKEN: 'x' }), 'status', '--json'));
    const [, help = ''] =
      /docs\/json\.md\):\n([^]*?)\n\n/.exec((await omnispindle('status', '--help')).stdout) ?? [];
    const docs = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'json.md'), 'utf8');
    const listed = Array.from(help.matchAll(/^ {2}(\w+)/gm), ([, name]) => name);
    assert.deepEqual(listed.toSorted(), Object.keys(report).toSorted());
    const [account] = report['accounts'] as object[];
    for (const name of [...listed, ...Object.keys(account ?? {}), 'command', 'valid', 'encrypted']) {
      assert.ok(docs.includes(`\`${String(name)}\``), name);
      assert.match(help, new RegExp(`\\b${String(name)}\\b`));
    }
  });

  it('says which AUTH0_TOKEN counts instead, and why it does not where it is wrong', async () => {
    await signIn(here());
    const env = { AUTH0_TOKEN: await given.tenant.sign({ sub: 'auth0|other' }) };
    const instead = await run(here(env), 'status');
    assert.equal(instead.code, 0);
    assert.match(instead.stdout, /✔ auth0\|other, by the AUTH0_TOKEN from the environment, .* never renewed/);
    assert.doesNotMatch(instead.stdout, /in use/);
    const wrong = await run(here({ AUTH0_TOKEN: 'x' }), 'status');
    assert.equal(wrong.code, 3);
    assert.match(wrong.stdout, /✘ The AUTH0_TOKEN from the environment is invalid/);
  });

  it('counts the accounts of other tenants that are kept, too', async () => {
    await signIn(here());
    const { code, stdout } = await run(here({ AUTH0_AUDIENCE: 'https://other.example/' }), 'status');
    assert.equal(code, 3);
    assert.match(stdout, /Nobody is signed in[^]*Accounts of other tenants that are kept, too: 1\./);
  });

  it('names those there are where the account that is named is not among them', async () => {
    await signIn(here());
    const { code, stderr } = await omnispindle('status', '--account', 'bob@example.com');
    assert.equal(code, 3);
    assert.match(stderr, /bob@example\.com is not signed in; signed in are: ada@example\.com/);
  });
});

describeNeeds(['a POSIX system'], '[F7] "omnispindle token" in a script', () => {
  const given = useUser();
  const here = (): Surroundings => ({ tenant: given.tenant, directory: given.directory });

  it('ends with 3 and opens no page where nobody is signed in, unless --login is there', async () => {
    const refused = await run(here(), 'token');
    assert.deepEqual([refused.code, refused.stdout], [3, '']);
    assert.match(refused.stderr, /omnispindle login.*--login/);
    assert.deepEqual(visits(given.directory), []);
    const { code, stdout } = await run(here(), 'token', '--login');
    assert.equal(code, 0);
    assert.match(stdout, /^ey/);
    assert.equal((await run(here(), 'token')).stdout, stdout);
  });
});
