import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sessionKey } from '../../../src/sessions/session.ts';
import { useUser } from '../../tenant/useTenant.ts';
import { run, type Ran } from '../fixtures.ts';

describe('omnispindle logout', () => {
  const given = useUser();
  beforeEach(() => given.tenant.revokeSessions());

  const omnispindle = (...args: string[]): Promise<Ran> =>
    run({ tenant: given.tenant, directory: given.directory }, ...args);
  const sessions = () => join(given.directory, 'data', 'sessions');
  const files = () => readdirSync(sessions());
  const put = (name: string, text: string) => {
    writeFileSync(join(sessions(), name), text, { mode: 0o600 });
  };
  const json = ({ stdout }: Ran) => JSON.parse(stdout) as { signedOut: string[]; accounts: Out[] };
  interface Out {
    readonly account: string;
    readonly tenantTold: boolean;
    readonly reason?: string;
    readonly accessTokenEnds?: string;
  }

  it('[T10] leaves no token of the account on the disk, in whatever file it was, and says until when the last counts', async () => {
    await omnispindle('login');
    const [name = ''] = files();
    put(`${name}.corrupt`, readFileSync(join(sessions(), name), 'utf8'));
    put(`${name}.123456`, readFileSync(join(sessions(), name), 'utf8'));
    await omnispindle('login');
    assert.equal(await given.tenant.liveSessions(), 2);
    const { code, stdout, stderr } = await omnispindle('logout');
    assert.equal(code, 0);
    assert.deepEqual(files(), []);
    assert.equal(await given.tenant.liveSessions(), 0);
    assert.match(
      stdout,
      /Signed out: ada@example\.com\.\nAn access token that a program still holds counts until .*:/,
    );
    assert.doesNotMatch(stderr, /warning/);
  });

  it('[T10] keeps and then uses a session that damage has come between', async () => {
    await omnispindle('login');
    const [name = ''] = files();
    put(name, 'damaged');
    const looked = await omnispindle('whoami');
    assert.equal(looked.code, 3);
    assert.match(looked.stderr, /could not be read.*left as it is/);
    await omnispindle('login');
    assert.equal(readFileSync(join(sessions(), name), 'utf8'), 'damaged');
    assert.match((await omnispindle('whoami')).stdout, /ada@example\.com/);
    await omnispindle('logout');
    assert.deepEqual(files(), []);
  });

  it('[T10] finds by its sub an account whose file cannot be read, and says that the tenant could not be told', async () => {
    await omnispindle('login');
    const [name = ''] = files();
    put(name, 'damaged');
    const stranger = await omnispindle('logout', '--account', 'auth0|stranger');
    assert.equal(stranger.code, 3);
    const ran = await omnispindle('logout', '--account', 'auth0|ada', '--json');
    assert.deepEqual(json(ran).signedOut, ['auth0|ada']);
    assert.equal(json(ran).accounts[0]?.tenantTold, false);
    assert.match(json(ran).accounts[0]?.reason ?? '', /could not all be read/);
    assert.match(ran.stderr, /warning: The tenant could not be told/);
    assert.deepEqual(files(), []);
  });

  it('[T10] with --all also removes what nobody can read, and sessions of another tenant', async () => {
    await omnispindle('login');
    const elsewhere = { domain: 'elsewhere.example', clientId: 'c', audience: 'a' };
    put(`${sessionKey(elsewhere, 'x')}.0123456789abcdef.sealed`, 'sealed elsewhere');
    put(`${sessionKey(elsewhere, 'y')}.json.corrupt`, 'damaged');
    put(`${sessionKey(elsewhere, 'z')}.v2.json`, '{"version":2}');
    const ran = await omnispindle('logout', '--all', '--json');
    assert.equal(ran.code, 0);
    assert.equal(json(ran).signedOut.length, 4);
    assert.equal(json(ran).accounts.filter(({ tenantTold }) => tenantTold).length, 1);
    assert.deepEqual(files(), []);
  });

  it('[T10] removes what cannot be read where nothing else is stored, rather than say that nobody was signed in', async () => {
    await omnispindle('login');
    const [name = ''] = files();
    put(name, 'damaged');
    assert.match((await omnispindle('logout')).stdout, /Signed out: an account that cannot be read/);
    assert.deepEqual(files(), []);
    assert.match((await omnispindle('logout')).stdout, /Nobody was signed in/);
  });

  it('[T10] says where the tenant could not be told, as a warning and as JSON, and until when a token counts', async () => {
    await omnispindle('login');
    given.tenant.setMode('down');
    const ran = await omnispindle('logout', '--json');
    assert.equal(ran.code, 0);
    const [out] = json(ran).accounts;
    assert.equal(out?.account, 'ada@example.com');
    assert.equal(out.tenantTold, false);
    assert.match(out.reason ?? '', /could not be reached.*may go on at the tenant/);
    assert.ok(Date.parse(out.accessTokenEnds ?? '') > Date.now() + 3_000_000);
    assert.match(ran.stderr, /warning: The tenant could not be told of the sign-out/);
    assert.deepEqual(files(), []);
  });
});
