import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { withToken } from '../../src/sessions/accessTokens.ts';
import { createAuthenticator } from '../../src/sessions/authenticator.ts';
import { createFileStore } from '../../src/sessions/fileStore.ts';
import { remainder, type Session } from '../../src/sessions/session.ts';
import { sessionTokenSource } from '../../src/sessions/sessionTokenSource.ts';
import { defaultScopes, type Tenant } from '../../src/auth/tenant.ts';
import { startImpostor, type Impostor } from '../tenant/impostor.ts';
import { useUser } from '../tenant/useTenant.ts';
import { failsWith, memoryLog, testAuthenticator } from '../auth/fixtures.ts';
import { scopesOf } from './scopesOf.ts';

const usual = [...defaultScopes].sort();
const plus = (...scopes: string[]) => [...usual, ...scopes].sort();

describe('the scopes of an access token', () => {
  const given = useUser();
  const open = () => testAuthenticator(given.tenant, given.directory);
  const refreshes = () => given.tenant.counters()['token:refresh_token'] ?? 0;
  const files = () =>
    readdirSync(join(given.directory, 'sessions')).map(name => join(given.directory, 'sessions', name));

  it('[T5] are those that were asked for and no other server’s, in whatever order servers ask', async () => {
    const { authenticator, ui } = open();
    const reader = await authenticator.ensure({ scopes: ['read:todos'] });
    assert.deepEqual(scopesOf(reader), plus('read:todos'));
    assert.deepEqual(scopesOf(await authenticator.ensure()), usual);
    const writer = await authenticator.ensure({ scopes: ['write:todos'] });
    assert.deepEqual(scopesOf(writer), plus('write:todos'));
    for (let times = 0; times < 3; times++) {
      for (const other of [open().authenticator, authenticator]) {
        assert.deepEqual(scopesOf(await other.silent()), usual);
        assert.deepEqual(scopesOf(await other.silent({ scopes: ['write:todos'] })), plus('write:todos'));
        assert.deepEqual(
          scopesOf(await other.silent({ scopes: ['read:todos', 'openid'] })),
          plus('read:todos'),
        );
        const both = await other.silent({ scopes: ['write:todos', 'read:todos'] });
        assert.deepEqual(scopesOf(both), plus('read:todos', 'write:todos'));
      }
    }
    assert.equal(ui.opened.length, 2, 'one sign-in for each scope that is new');
  });

  it('[T5] do not grow where a person has signed in again on their own', async () => {
    const { authenticator } = open();
    await authenticator.signIn({ scopes: ['read:todos'] });
    assert.deepEqual(scopesOf(await authenticator.signIn()), usual);
    assert.deepEqual(scopesOf(await authenticator.silent()), usual);
    assert.deepEqual(scopesOf(await authenticator.signIn({ scopes: ['write:todos'] })), plus('write:todos'));
  });

  it('[T5] cost one refresh for each set of them, however often they are asked for', async () => {
    const { authenticator, store } = open();
    await authenticator.ensure({ scopes: ['read:todos'] });
    assert.equal(refreshes(), 0, 'the sign-in was for exactly these');
    for (let times = 0; times < 5; times++) {
      await authenticator.ensure();
      await open().authenticator.ensure({ scopes: ['read:todos'] });
    }
    assert.equal(refreshes(), 1);
    const [stored] = await store.list();
    assert.deepEqual(scopesOf(stored), usual, 'an earlier version finds no more than that');
  });

  it('[T5] are right for many callers that want different ones at once, and the session stays', async () => {
    await open().authenticator.ensure({ scopes: ['read:todos', 'write:todos'] });
    const sets = [[], ['read:todos'], ['write:todos'], ['read:todos', 'write:todos']];
    const asked = Array.from({ length: 5 }, () => sets).flat();
    const sessions = await Promise.all(asked.map(scopes => open().authenticator.ensure({ scopes })));
    sessions.forEach((session, index) => {
      assert.deepEqual(scopesOf(session), plus(...(asked[index] ?? [])));
    });
    assert.equal(refreshes(), 3);
    assert.equal(new Set(sessions.map(({ id }) => id)).size, 1);
  });

  it('[T5] are right after a renewal, too: only the token that is used is renewed', async () => {
    const { authenticator } = open();
    const first = await authenticator.ensure({ scopes: ['read:todos'] });
    const plain = await authenticator.ensure();
    const rejected = first.accessToken;
    const renewed = await authenticator.ensure({ scopes: ['read:todos'], rejected });
    assert.notEqual(renewed.accessToken, rejected);
    assert.deepEqual(scopesOf(renewed), plus('read:todos'));
    assert.equal((await authenticator.ensure()).accessToken, plain.accessToken);
    const another = await authenticator.ensure({ rejected: plain.accessToken });
    assert.deepEqual(scopesOf(another), usual);
    assert.equal((await authenticator.ensure({ scopes: ['read:todos'] })).accessToken, renewed.accessToken);
  });

  it('[T5] do not grow for a source that got a token with more scopes for one call', async () => {
    const source = sessionTokenSource(open().authenticator);
    await source.getToken({ scopes: ['read:todos'] });
    assert.deepEqual(scopesOf(await source.getToken({})), usual);
    const calls = [await source.getToken({ scopes: ['read:todos'] }), await source.getToken({})];
    assert.deepEqual(calls.map(scopesOf), [plus('read:todos'), usual]);
    source.dispose();
  });

  it('[T5] may be withheld by the tenant: then nobody is asked again, and others get what they need', async () => {
    const { authenticator, ui } = open();
    for (let times = 0; times < 3; times++) {
      assert.deepEqual(scopesOf(await authenticator.ensure({ scopes: ['unknown:scope'] })), usual);
      assert.deepEqual(scopesOf(await authenticator.ensure()), usual);
      assert.deepEqual(scopesOf(await authenticator.ensure({ scopes: ['read:todos'] })), plus('read:todos'));
      const both = await authenticator.ensure({ scopes: ['unknown:scope', 'read:todos'] });
      assert.deepEqual(scopesOf(both), plus('read:todos'));
    }
    assert.equal(ui.opened.length, 2);
  });

  describe('in a session that an earlier version stored', () => {
    /** Signs in with these, and stores the session as it was before. */
    async function storeAsBefore(...scopes: string[]): Promise<Session> {
      const session = await open().authenticator.ensure({ scopes });
      const { granted, tokenScopes, tokens, ...before } = session;
      assert.ok(granted && tokenScopes && !tokens);
      for (const file of files()) writeFileSync(file, JSON.stringify(before));
      given.tenant.resetCounters();
      return session;
    }

    it('[T5] are the usual ones where it was for no others: its token is used again', async () => {
      const { accessToken } = await storeAsBefore();
      assert.equal((await open().authenticator.ensure()).accessToken, accessToken);
      assert.deepEqual(given.tenant.counters(), {});
    });

    for (const extra of [['read:todos'], ['read:todos', 'unknown:scope']]) {
      it(`[T5] are no more than a server asks for where it was for others (${extra.join(', ')})`, async () => {
        const { accessToken } = await storeAsBefore(...extra);
        assert.equal((await open().authenticator.ensure({ scopes: extra })).accessToken, accessToken);
        assert.equal(refreshes(), 0);
        const { authenticator, ui } = open();
        assert.deepEqual(scopesOf(await authenticator.ensure()), usual);
        assert.deepEqual(
          scopesOf(await authenticator.ensure({ scopes: ['read:todos'] })),
          plus('read:todos'),
        );
        assert.equal(ui.opened.length, 0);
      });
    }
  });

  describe('at a tenant that puts in what it likes', () => {
    let impostor: Impostor;
    before(async () => {
      impostor = await startImpostor();
    });
    after(() => impostor.close());

    /** A session with two servers' scopes, and what the tenant answers its refresh with. */
    async function sessionAt(answer: { claimed?: string; said?: string }) {
      const tenant = impostor.tenant();
      const asked: (string | null)[] = [];
      const { authenticator, store } = testAuthenticator(tenant, given.directory);
      await store.write(storedSession(tenant));
      const accessToken = await new SignJWT({ ...(answer.claimed && { scope: answer.claimed }) })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(Buffer.alloc(32));
      impostor.answer('/oauth/token', (request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          asked.push(new URLSearchParams(body).get('scope'));
          response.writeHead(200, { 'content-type': 'application/json' });
          const next = {
            access_token: accessToken,
            refresh_token: 'the next one',
            token_type: 'bearer',
            expires_in: 60,
          };
          response.end(JSON.stringify({ ...next, scope: answer.said }));
        });
      });
      return { authenticator, store, asked, accessToken };
    }

    for (const answer of [
      { said: `${usual.join(' ')} read:todos` },
      { claimed: 'openid read:todos' },
      { said: 'openid', claimed: 'read:todos openid' },
    ]) {
      it(`[T5] are refused where another server’s are among them: ${JSON.stringify(answer)}`, async () => {
        const { authenticator, store, asked, accessToken } = await sessionAt(answer);
        await failsWith(
          authenticator.ensure(),
          'invalid_response',
          /scopes of another server \(read:todos\)/,
        );
        assert.deepEqual(asked, [defaultScopes.join(' ')]);
        const [session] = await store.list();
        assert.equal(session?.refreshToken, 'the next one', 'the session goes on');
        assert.ok(!files().some(file => readFileSync(file, 'utf8').includes(accessToken)));
      });
    }

    it('[T5] may be more than were asked for where no server has asked for them', async () => {
      const { authenticator, accessToken } = await sessionAt({ said: `${usual.join(' ')} address` });
      assert.equal((await authenticator.ensure()).accessToken, accessToken);
    });
  });

  describe('where the tenant gives no refresh token', () => {
    /** An authenticator whose sign-ins give a token that says what it was asked for. */
    function withoutRefresh(lifetime = 3_600) {
      const signIns: (readonly string[])[] = [];
      const log = memoryLog();
      const store = createFileStore(join(given.directory, 'sessions'), log);
      const authenticator = createAuthenticator({
        tenant: () => given.tenant,
        store,
        directory: given.directory,
        log,
        signIn: ({ scopes }) => {
          signIns.push(scopes);
          return Promise.resolve({
            accessToken: `${String(signIns.length)} for ${scopes.join(' ')}`,
            expiresInSeconds: lifetime,
            scopes,
            account: { id: 'auth0|ada', label: 'Ada' },
          });
        },
      });
      return { authenticator, store, signIns };
    }

    it('[T5] have a sign-in of their own for each set, once', async () => {
      const { authenticator, signIns } = withoutRefresh();
      const asked = [[], ['read:todos'], ['write:todos']];
      for (let times = 0; times < 3; times++) {
        for (const scopes of asked) {
          const { accessToken } = await authenticator.ensure({ scopes });
          assert.match(accessToken, new RegExp(`for ${[...defaultScopes, ...scopes].join(' ')}$`));
        }
      }
      assert.equal(signIns.length, 3);
    });

    it('[T5] of a token that has ended take no other token with them', async () => {
      const { authenticator, store, signIns } = withoutRefresh();
      await authenticator.ensure({ scopes: ['read:todos'] });
      const session = await authenticator.ensure();
      await store.write({ ...session, expiresAt: Date.now() - 1 });
      assert.equal(await authenticator.silent(), undefined);
      assert.match((await authenticator.silent({ scopes: ['read:todos'] }))?.accessToken ?? '', /^1 for/);
      assert.match((await authenticator.ensure()).accessToken, /^3 for/);
      assert.match((await authenticator.ensure({ scopes: ['read:todos'] })).accessToken, /^1 for/);
      assert.equal(signIns.length, 3);
    });
  });

  it('[T5] are kept for some sets, and for none whose token has ended', () => {
    let session = storedSession(given.tenant);
    const token = (scope: string, expiresAt: number) => ({
      scopes: [scope],
      accessToken: scope,
      lifetime: 1,
      expiresAt,
    });
    for (let index = 0; index < 100; index++) {
      session = withToken(session, token(`s${String(index)}`, Date.now() + (index % 2 ? 60_000 : -1)));
    }
    const kept = [session, ...(session.tokens ?? [])].map(({ accessToken }) => accessToken);
    assert.ok(kept.length <= 16 && kept.includes('s99') && !kept.includes('s98'), kept.join());
  });

  it('[T5] leave no token behind in a session that the tenant has ended', () => {
    const ended = remainder({
      ...storedSession(given.tenant),
      replaced: ['an old one'],
      tokens: [{ scopes: [], accessToken: 'S3CRET', lifetime: 1, expiresAt: Date.now() + 1 }],
    });
    assert.ok(ended && !JSON.stringify(ended).includes('S3CRET'));
  });
});

function storedSession({ domain, clientId, audience }: Tenant): Session {
  const scopes = [...defaultScopes, 'read:todos'];
  return {
    version: 1,
    id: 'id',
    tenant: { domain, clientId, audience },
    account: { id: 'auth0|ada', label: 'Ada' },
    scopes,
    granted: scopes,
    accessToken: 'of both',
    refreshToken: 'the first one',
    signedInAt: 1,
    expiresAt: Date.now() + 60_000,
    lifetime: 60_000,
  };
}
