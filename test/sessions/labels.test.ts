import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileStore } from '../../src/sessions/fileStore.ts';
import { createLabels } from '../../src/sessions/labels.ts';
import type { Account, Session } from '../../src/sessions/session.ts';
import { settledSessions } from '../../src/sessions/settleLabels.ts';
import { failsWith, memoryLog, testAuthenticator, useDirectory } from '../auth/fixtures.ts';

const tenant = { domain: 'one.example', clientId: 'client', audience: 'https://api.example' };
const email = 'grace@example.com';

function session(id: string, about: Partial<Account> = {}, domain = tenant.domain): Session {
  const account = { id, label: about.email ?? email, email, ...about };
  return {
    version: account.organization ? 2 : 1,
    id: `${id} ${domain} ${account.organization?.id ?? ''}`,
    tenant: { ...tenant, domain },
    account,
    scopes: [],
    accessToken: 'token',
    signedInAt: Date.now(),
    expiresAt: Date.now() + 60_000,
    lifetime: 60_000,
  };
}

describe('the label of an account', () => {
  const directory = useDirectory();
  const file = () => join(directory.path, 'labels.json');

  /** Signs those in, one after the other, in new processes. @returns their labels */
  async function labels(sessions: readonly Session[], stored: readonly Session[] = []): Promise<string[]> {
    const given = [...stored];
    for (const one of sessions) {
      given.push(await createLabels({ directory: directory.path, log: memoryLog() }).label(one, given));
    }
    return given.slice(stored.length).map(({ account }) => account.label);
  }

  it('is the e-mail address, and with the connection, organization or tenant where that is another’s', async () => {
    const organization = { id: 'org_1', name: 'acme' };
    assert.deepEqual(
      await labels([
        session('auth0|1'),
        session('google-oauth2|2'),
        session('auth0|1', { organization }),
        session('google-oauth2|2', { organization: { id: 'org_1' } }),
        session('google-oauth2|3'),
        session('auth0|1', {}, 'two.example'),
        session('google-oauth2|4'),
        session('auth0|5', { email: 'Grace@Example.com' }),
      ]),
      [
        email,
        `${email} (Google)`,
        `${email} (acme)`,
        `${email} (org_1)`,
        `${email} (one.example)`,
        `${email} (two.example)`,
        `${email} (Google, one.example)`,
        'Grace@Example.com (password)',
      ],
    );
  });

  it('is given to no other account after a sign-out, and again to its own', async () => {
    assert.deepEqual(await labels([session('auth0|1')]), [email]);
    assert.deepEqual(await labels([session('google-oauth2|2')]), [`${email} (Google)`]);
    assert.deepEqual(await labels([session('auth0|1')]), [email]);
  });

  it('stays with a session that an earlier version stored', async () => {
    const stored = [session('auth0|1', { label: 'Grace' }), session('auth0|2', { label: email })];
    assert.deepEqual(await labels([session('auth0|1'), session('google-oauth2|3')], stored), [
      'Grace',
      `${email} (Google)`,
    ]);
  });

  it('is told apart where an earlier version gave one label to two; the first keeps it', async () => {
    const log = memoryLog();
    const store = createFileStore(join(directory.path, 'sessions'), log);
    await store.write({ ...session('google-oauth2|2'), signedInAt: 2 });
    await store.write({ ...session('auth0|1'), signedInAt: 1 });
    const options = {
      store,
      labels: createLabels({ directory: directory.path, log }),
      directory: directory.path,
      log,
    };
    const settled = () =>
      settledSessions(options).then(found => found.map(({ account }) => account.label).toSorted());
    assert.deepEqual(await settled(), [email, `${email} (Google)`]);
    await store.remove(session('auth0|1').id);
    assert.deepEqual(await settled(), [`${email} (Google)`]);
    const { authenticator } = testAuthenticator(tenant, directory.path);
    await store.write(session('auth0|1', { label: `${email} (password)` }));
    await failsWith(
      authenticator.silent({ account: email }),
      'invalid_settings',
      /Several accounts are signed in as grace@example\.com: .*\(Google\).*--account/,
    );
    assert.equal(
      (await authenticator.silent({ account: `${email} (Google)` }))?.account.id,
      'google-oauth2|2',
    );
    assert.equal((await authenticator.silent({ account: 'auth0|1' }))?.account.id, 'auth0|1');
  });

  it('is one that nobody else can have where what was given is not known', async () => {
    await labels([session('auth0|1')]);
    writeFileSync(file(), '{"version":9}');
    const log = memoryLog();
    const { account } = await createLabels({ directory: directory.path, log }).label(session('auth0|2'), []);
    assert.equal(account.label, `${email} (auth0|2, one.example)`);
    assert.match(log.lines.join('\n'), /labels of accounts in .* cannot be read/);
    assert.equal(readFileSync(file(), 'utf8'), '{"version":9}');
  });

  it('is one that nobody else can have where too many were given, and the file grows no more', async () => {
    const text = (number: number) => number.toString(16).padStart(32, '0');
    const given = Array.from({ length: 4_096 }, (_, number) => ({
      label: text(number),
      account: text(number),
      issuer: text(0),
    }));
    writeFileSync(file(), JSON.stringify({ version: 1, given }), { mode: 0o600 });
    assert.deepEqual(await labels([session('auth0|1')]), [`${email} (auth0|1, one.example)`]);
    assert.equal((JSON.parse(readFileSync(file(), 'utf8')) as { given: unknown[] }).given.length, 4_096);
  });

  it('leaves only hashes in a file that nobody else can read', async () => {
    await labels([session('auth0|1')]);
    assert.match(
      readFileSync(file(), 'utf8'),
      /^\{"version":1,"given":\[\{"label":"[0-9a-f]{32}","account":"[0-9a-f]{32}","issuer":"[0-9a-f]{32}"\}\]\}$/,
    );
  });
});
