import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isOmnispindleError, OmnispindleError } from '../../src/common/errors.ts';
import { sessionTokenSource } from '../../src/sessions/sessionTokenSource.ts';
import { useUser } from '../tenant/useTenant.ts';
import { testAuthenticator } from '../auth/fixtures.ts';

describe('the authenticator', () => {
  const given = useUser();

  it('signs in once for any number of callers, and keeps the session', async () => {
    const one = testAuthenticator(given.tenant, given.directory);
    const other = testAuthenticator(given.tenant, given.directory);
    const sessions = await Promise.all(
      [one, one, other, other, other].map(({ authenticator }) => authenticator.ensure()),
    );
    assert.equal(new Set(sessions.map(session => session.accessToken)).size, 1);
    assert.equal(one.ui.opened.length + other.ui.opened.length, 1);
    assert.equal(given.tenant.counters()['token'], 1);
    assert.equal(
      (await testAuthenticator(given.tenant, given.directory).authenticator.silent())?.account.label,
      given.tenant.user.email,
    );
  });

  it('renews once for any number of callers when the token is near its end', async () => {
    const { authenticator } = testAuthenticator(given.tenant, given.directory);
    given.tenant.setTokenLifetime(1);
    await authenticator.ensure();
    await delay(1000);
    given.tenant.setTokenLifetime(3600);
    const others = Array.from(
      { length: 10 },
      () => testAuthenticator(given.tenant, given.directory).authenticator,
    );
    const sessions = await Promise.all(others.map(other => other.silent()));
    assert.equal(new Set(sessions.map(session => session?.accessToken)).size, 1);
    assert.equal(given.tenant.counters()['token:refresh_token'], 1);
  });

  it('gives a renewed token to nobody before it is stored', async () => {
    const { authenticator, store } = testAuthenticator(given.tenant, given.directory);
    const first = await authenticator.ensure();
    const begun = Promise.withResolvers<undefined>();
    const end = Promise.withResolvers<undefined>();
    const write = store.write.bind(store);
    store.write = async session => {
      if (session.accessToken !== first.accessToken) {
        begun.resolve(undefined);
        await end.promise;
      }
      await write(session);
    };
    let isGiven = false;
    const renewed = authenticator.ensure({ rejected: first.accessToken }).finally(() => {
      isGiven = true;
    });
    await begun.promise;
    await delay(300);
    assert.equal(isGiven, false);
    end.resolve(undefined);
    const { accessToken } = await renewed;
    assert.equal((await store.list())[0]?.accessToken, accessToken);
  });

  it('spends no refresh token while the next one could not be stored', async () => {
    const { authenticator, store } = testAuthenticator(given.tenant, given.directory);
    const { accessToken: rejected } = await authenticator.ensure();
    const write = store.write.bind(store);
    store.write = () => Promise.reject(new OmnispindleError('storage_failed', 'The disk is full.'));
    await assert.rejects(authenticator.ensure({ rejected }), error =>
      isOmnispindleError(error, 'storage_failed'),
    );
    assert.equal(given.tenant.counters()['token'], 1);
    store.write = write;
    assert.notEqual((await authenticator.ensure({ rejected })).accessToken, rejected);
    assert.equal(given.tenant.counters()['token:refresh_token'], 1);
  });

  it('leaves the session as another process renewed it in between', async () => {
    const { authenticator, store } = testAuthenticator(given.tenant, given.directory);
    const first = await authenticator.ensure();
    given.tenant.setMode('slow', 3_000);
    const late = authenticator.ensure({ rejected: first.accessToken });
    while ((given.tenant.counters()['token'] ?? 0) < 2) await delay(10);
    // As after a sleep in which another took the lock over.
    const other = { ...first, accessToken: 'another token', refreshToken: 'the next one' };
    await store.write(other);
    assert.equal((await late).accessToken, other.accessToken);
    assert.deepEqual(
      (await store.list()).map(({ refreshToken }) => refreshToken),
      [other.refreshToken],
    );
  });

  it('forgets a session that the tenant has ended, and does not ask about it again', async () => {
    const { authenticator } = testAuthenticator(given.tenant, given.directory);
    const { accessToken: rejected } = await authenticator.ensure();
    await given.tenant.revokeSessions();
    given.tenant.resetCounters();
    assert.equal(await authenticator.silent({ rejected }), undefined);
    assert.deepEqual(await authenticator.list(), []);
    assert.equal(await authenticator.silent({ rejected }), undefined);
    assert.equal(given.tenant.counters()['token'], 1);
  });

  it('[T6] keeps a session that nothing can renew while it is valid, whoever refuses its token', async () => {
    const { authenticator, store, ui } = testAuthenticator(given.tenant, given.directory);
    const { refreshToken, ...session } = await authenticator.ensure();
    assert.ok(refreshToken);
    await store.write(session);
    given.tenant.resetCounters();
    const rejected = session.accessToken;
    assert.equal((await authenticator.silent({ rejected }))?.accessToken, rejected);
    assert.equal((await authenticator.ensure({ rejected })).accessToken, rejected);
    // In its last minute, too.
    await store.write({ ...session, expiresAt: Date.now() + 30_000 });
    assert.equal((await authenticator.ensure({ rejected })).accessToken, rejected);
    assert.equal((await store.list()).length, 1);
    assert.equal(ui.opened.length, 1);
    assert.deepEqual(given.tenant.counters(), {});
    await store.write({ ...session, expiresAt: Date.now() });
    assert.notEqual((await authenticator.ensure()).accessToken, rejected);
    assert.equal(ui.opened.length, 2);
  });

  it('[T6] renews a session once a minute for refusals, however many tokens are refused', async () => {
    const { authenticator, store } = testAuthenticator(given.tenant, given.directory);
    let { accessToken } = await authenticator.ensure();
    for (let times = 0; times < 5; times++) {
      const { silent } = testAuthenticator(given.tenant, given.directory).authenticator;
      accessToken = (await silent({ rejected: accessToken }))?.accessToken ?? '';
    }
    const renewals = () => given.tenant.counters()['token:refresh_token'];
    assert.equal(renewals(), 1);
    const [session] = await store.list();
    assert.ok(session?.replacedAt);
    // What a clock that was set back since left behind does not count.
    await store.write({ ...session, replacedAt: Date.now() + 3_600_000 });
    assert.notEqual((await authenticator.silent({ rejected: accessToken }))?.accessToken, accessToken);
    assert.equal(renewals(), 2);
  });

  it('asks the person again when the tenant ended the session, and that once', async () => {
    const { authenticator, ui } = testAuthenticator(given.tenant, given.directory);
    const first = await authenticator.ensure();
    await given.tenant.revokeSessions();
    const sessions = await Promise.all(
      [1, 2, 3].map(() => authenticator.ensure({ rejected: first.accessToken })),
    );
    assert.notEqual(sessions[0]?.accessToken, first.accessToken);
    assert.equal(new Set(sessions.map(session => session.id)).size, 1);
    assert.equal(ui.opened.length, 2);
  });

  it('asks for one sign-in after a renewal whose answer was lost', async () => {
    const { authenticator, ui } = testAuthenticator(given.tenant, given.directory);
    const first = await authenticator.ensure();
    given.tenant.dropNextTokenAnswer();
    await assert.rejects(authenticator.ensure({ rejected: first.accessToken }), error =>
      isOmnispindleError(error, 'tenant_unreachable'),
    );
    await authenticator.ensure({ rejected: first.accessToken });
    assert.equal(ui.opened.length, 2);
  });

  it('uses a token that is still valid while the tenant is down, and says so when it has ended', async () => {
    const { authenticator, store } = testAuthenticator(given.tenant, given.directory);
    const session = await authenticator.ensure();
    const { accessToken } = session;
    const leave = (life: number) => store.write({ ...session, expiresAt: Date.now() + life });
    given.tenant.setMode('down');
    // In its last minute a token is renewed.
    await leave(59_000);
    assert.equal((await authenticator.silent())?.accessToken, accessToken);
    await leave(0);
    await assert.rejects(
      authenticator.silent(),
      error => isOmnispindleError(error, 'tenant_unreachable') && error.message.includes(given.tenant.domain),
    );
    given.tenant.setMode('normal');
    assert.notEqual((await authenticator.silent())?.accessToken, accessToken);
  });

  it('leaves a sign-in open when a caller stops waiting; the next call joins it', async () => {
    const { authenticator, ui } = testAuthenticator(given.tenant, given.directory, { person: 'google' });
    const stop = new AbortController();
    const first = authenticator.ensure({ signal: stop.signal });
    stop.abort();
    await assert.rejects(first, error => isOmnispindleError(error, 'cancelled'));
    const session = await authenticator.ensure();
    assert.equal(session.account.email, 'grace@gmail.example');
    assert.equal(ui.opened.length, 1);
  });

  it('gives one failure to everybody who waits, instead of a tab to each', async () => {
    const one = testAuthenticator(given.tenant, given.directory, { person: 'cancel' });
    const other = testAuthenticator(given.tenant, given.directory, { person: 'cancel' });
    const results = await Promise.allSettled(
      [one, other, other].map(({ authenticator }) => authenticator.ensure()),
    );
    for (const result of results) {
      assert.ok(result.status === 'rejected' && isOmnispindleError(result.reason, 'access_denied'));
    }
    assert.equal(one.ui.opened.length + other.ui.opened.length, 1);
  });

  it('keeps several accounts apart, and finds each by e-mail or sub', async () => {
    const ada = testAuthenticator(given.tenant, given.directory);
    const grace = testAuthenticator(given.tenant, given.directory, { person: 'google' });
    await ada.authenticator.ensure();
    await grace.authenticator.signIn();
    assert.equal((await ada.authenticator.list()).length, 2);
    assert.equal((await ada.authenticator.silent({ account: 'ADA@example.com' }))?.account.id, 'auth0|ada');
    assert.equal(
      (await ada.authenticator.silent({ account: 'google-oauth2|104242' }))?.account.name,
      'Grace Hopper',
    );
    assert.equal(await ada.authenticator.silent({ account: 'nobody@example.com' }), undefined);
    await assert.rejects(ada.authenticator.ensure({ account: 'nobody@example.com' }), error =>
      isOmnispindleError(error, 'account_not_found'),
    );
  });

  it('asks for more scopes without giving up those others need', async () => {
    const { authenticator, ui } = testAuthenticator(given.tenant, given.directory);
    await authenticator.ensure({ scopes: ['read:todos'] });
    await authenticator.ensure({ scopes: ['write:todos'] });
    await authenticator.ensure({ scopes: ['read:todos'] });
    assert.equal(ui.opened.length, 2);
    assert.match(new URL(ui.opened[1] ?? '').searchParams.get('scope') ?? '', /read:todos.*write:todos/);
  });

  it('asks for the scopes a token source always needs together with those of a call', async () => {
    const { authenticator, ui } = testAuthenticator(given.tenant, given.directory);
    const source = sessionTokenSource(authenticator, { scopes: ['read:todos'] });
    await source.getToken({ scopes: ['write:todos'] });
    assert.match(new URL(ui.opened[0] ?? '').searchParams.get('scope') ?? '', /read:todos.*write:todos/);
    source.dispose();
  });

  it('revokes and forgets the session at sign-out, and forgets it even while the tenant is down', async () => {
    const { authenticator } = testAuthenticator(given.tenant, given.directory);
    await given.tenant.revokeSessions();
    await authenticator.signOut((await authenticator.ensure()).id);
    assert.equal(await given.tenant.liveSessions(), 0);
    const session = await authenticator.ensure();
    given.tenant.setMode('down');
    await authenticator.signOut(session.id);
    assert.deepEqual(await authenticator.list(), []);
  });

  it('leaves no token behind at sign-out, not even what a killed writer left', async () => {
    const { authenticator } = testAuthenticator(given.tenant, given.directory);
    const { id } = await authenticator.ensure();
    const sessions = join(given.directory, 'sessions');
    const [name = ''] = readdirSync(sessions);
    writeFileSync(join(sessions, `${name}.1234567890`), readFileSync(join(sessions, name)));
    await authenticator.signOut(id);
    assert.deepEqual(readdirSync(sessions), []);
  });

  it('tells a token source of a sign-out elsewhere before its next call', async () => {
    const { authenticator, ui } = testAuthenticator(given.tenant, given.directory);
    const source = sessionTokenSource(authenticator);
    const { accessToken } = await source.getToken({});
    assert.equal((await source.getToken({})).accessToken, accessToken);
    const elsewhere = testAuthenticator(given.tenant, given.directory).authenticator;
    await elsewhere.signOut((await elsewhere.list())[0]?.id ?? '');
    // The file system tells of it, in its own time.
    while ((await source.getToken({})).accessToken === accessToken) await delay(10);
    assert.equal(ui.opened.length, 2);
    source.dispose();
  });

  it('opens no browser where the session could not be kept', async () => {
    const { authenticator, ui } = testAuthenticator(given.tenant, join(import.meta.filename, 'below-a-file'));
    await assert.rejects(authenticator.ensure(), error => isOmnispindleError(error, 'storage_failed'));
    assert.equal(ui.opened.length, 0);
  });

  it('writes no token, code or verifier into its log or its lock files', async () => {
    const { authenticator, log } = testAuthenticator(given.tenant, given.directory);
    const first = await authenticator.ensure();
    const second = await authenticator.ensure({ rejected: first.accessToken });
    const files = readdirSync(given.directory, { withFileTypes: true }).filter(entry => entry.isFile());
    const texts = [
      ...log.lines,
      ...files.map(({ name }) => readFileSync(join(given.directory, name), 'utf8')),
    ];
    for (const { accessToken, refreshToken = '?' } of [first, second]) {
      assert.ok(texts.every(text => !text.includes(accessToken) && !text.includes(refreshToken)));
    }
  });
});
