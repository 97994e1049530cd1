import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { createVerifier } from '../../src/auth/verify.ts';
import { defaultScopes } from '../../src/auth/tenant.ts';
import { isOmnispindleError } from '../../src/common/errors.ts';
import type { SignInEvent } from '../../src/sessions/signInEvent.ts';
import { signInWords } from '../../src/sessions/signInWords.ts';
import type { Session } from '../../src/sessions/session.ts';
import { failsWith, testAuthenticator } from '../auth/fixtures.ts';
import type { CookieJar, Person } from '../tenant/browserless.ts';
import { multiFactor } from '../tenant/signInPolicy.ts';
import { useUser } from '../tenant/useTenant.ts';
import type { Told } from './audienceWorker.ts';
import { scopesOf } from './scopesOf.ts';

const notes = { identifier: 'https://notes.example/mcp', scopes: ['notes:read', 'notes:write'] };
const bank = { identifier: 'https://bank.example/api', scopes: ['pay'] };
const many = Array.from({ length: 20 }, (_none, index) => ({
  identifier: `https://api${String(index)}.example/`,
  scopes: ['use'],
}));
const all = [notes, bank, ...many];
const grace: Person = { signUp: { name: 'Grace', email: 'grace@example.com', password: 'hopper-1906' } };

const audienceOf = ({ accessToken }: Pick<Session, 'accessToken'>) =>
  [decodeJwt(accessToken).aud ?? []].flat()[0];
const usual = [...defaultScopes].sort();
const plus = (...scopes: string[]) => [...usual, ...scopes].sort();

/** What the tests below do with one session at a tenant. */
function useSession(given: ReturnType<typeof useUser>) {
  let cookies: CookieJar;
  beforeEach(() => {
    cookies = new Map();
  });
  return {
    open: (person?: Person) =>
      testAuthenticator(given.tenant, given.directory, { cookies, ...(person && { person }) }),
    /** The browser forgets who was signed in there. */
    forget: () => {
      cookies.clear();
    },
    refreshes: () => given.tenant.counters()['token:refresh_token'] ?? 0,
    files: () =>
      readdirSync(join(given.directory, 'sessions')).map(name => join(given.directory, 'sessions', name)),
  };
}

describe('a session at a tenant whose refresh tokens are good for several APIs (MRRT)', () => {
  const given = useUser(undefined, {
    apis: all,
    mrrt: all.map(({ identifier, scopes }) => ({ audience: identifier, scopes })),
  });
  const { open, refreshes, files } = useSession(given);

  it('gives each API a token of its own after one sign-in, and each refuses the other’s', async () => {
    const { authenticator, ui } = open();
    const forNotes = await authenticator.ensure({ audience: notes.identifier, scopes: ['notes:read'] });
    const forBank = await authenticator.ensure({ audience: bank.identifier, scopes: ['pay'] });
    assert.deepEqual([forNotes, forBank].map(audienceOf), [notes.identifier, bank.identifier]);
    assert.deepEqual(scopesOf(forNotes), plus('notes:read'));
    assert.deepEqual(scopesOf(forBank), plus('pay'));
    assert.deepEqual(scopesOf(await authenticator.ensure()), usual);
    assert.equal(ui.opened.length, 1);
    assert.equal(given.tenant.counts().signIns, 1);
    for (const [api, session] of [
      [notes, forBank],
      [bank, forNotes],
    ] as const) {
      const verify = createVerifier({ ...given.tenant, audience: api.identifier });
      await failsWith(verify(session.accessToken), 'invalid_token', /not for the API/);
    }
    const verify = createVerifier({ ...given.tenant, audience: notes.identifier });
    assert.equal((await verify(forNotes.accessToken)).sub, 'auth0|ada');
  });

  it('asks no API’s scopes of another one, neither at the sign-in nor at a refresh', async () => {
    const { authenticator, ui } = open();
    await authenticator.ensure({ audience: notes.identifier, scopes: ['notes:write'] });
    await authenticator.ensure({ audience: bank.identifier, scopes: ['pay'] });
    await authenticator.signIn();
    for (const url of ui.opened) {
      const { searchParams } = new URL(url);
      assert.equal(searchParams.get('audience'), given.tenant.audience);
      assert.doesNotMatch(searchParams.get('scope') ?? '', /notes|pay/);
    }
    assert.deepEqual(scopesOf(await authenticator.ensure()), usual);
  });

  it('uses each token until it ends, whoever asks, and renews that one alone', async () => {
    const { authenticator } = open();
    const first = await authenticator.ensure({ audience: notes.identifier });
    const other = await authenticator.ensure({ audience: bank.identifier });
    for (let times = 0; times < 3; times++) {
      const again = await open().authenticator.silent({ audience: notes.identifier });
      assert.equal(again?.accessToken, first.accessToken);
    }
    assert.equal(refreshes(), 2);
    const rejected = first.accessToken;
    const renewed = await open().authenticator.ensure({ audience: notes.identifier, rejected });
    assert.notEqual(renewed.accessToken, rejected);
    assert.equal(audienceOf(renewed), notes.identifier);
    const untouched = await authenticator.ensure({ audience: bank.identifier });
    assert.equal(untouched.accessToken, other.accessToken);
    assert.equal(refreshes(), 3);
  });

  it('is renewed once for each of 20 APIs by one process, without a sign-in', async () => {
    given.tenant.setTokenLifetime(1);
    await open().authenticator.ensure();
    await delay(1_000);
    given.tenant.setTokenLifetime(3_600);
    given.tenant.resetCounters();
    const { authenticator, ui } = open();
    const asked = [...many, ...many, ...many].map(({ identifier }) => identifier);
    const sessions = await Promise.all(asked.map(audience => authenticator.ensure({ audience })));
    assert.deepEqual(sessions.map(audienceOf), asked);
    assert.equal(refreshes(), 20);
    assert.deepEqual(
      given.tenant.counts().refreshes,
      Object.fromEntries(many.map(({ identifier }) => [identifier, 1])),
    );
    assert.equal(ui.opened.length, 0);
  });

  it('is renewed once for each of 20 APIs by five processes that want all of them at once', async () => {
    given.tenant.setTokenLifetime(1);
    await open().authenticator.ensure();
    await delay(1_000);
    given.tenant.setTokenLifetime(3_600);
    given.tenant.resetCounters();
    const { domain, clientId, audience } = given.tenant;
    const audiences = many.map(({ identifier }) => identifier);
    const settings = JSON.stringify({ tenant: { domain, clientId, audience }, audiences });
    const workers = Array.from({ length: 5 }, () =>
      fork(join(import.meta.dirname, 'audienceWorker.ts'), [given.directory, settings]),
    );
    try {
      await Promise.all(workers.map(worker => once(worker, 'message')));
      const answers = workers.map(async worker => {
        const [told] = (await once(worker, 'message')) as [Exclude<Told, 'ready'>];
        return told;
      });
      for (const worker of workers) worker.send('go');
      const told = await Promise.all(answers);
      assert.deepEqual(
        told.map(({ tokens, opened }) => [new Set(tokens).size, opened]),
        told.map(() => [20, 0]),
      );
      assert.equal(new Set(told.flatMap(({ tokens }) => tokens)).size, 20);
    } finally {
      for (const worker of workers) worker.kill();
    }
    assert.equal(refreshes(), 20);
    assert.equal(given.tenant.counts().signIns, 0);
    const [stored] = await open().store.list();
    assert.equal(stored?.audiences?.length, 20);
  });

  it('makes one pass for a scope that its refresh token does not give, and keeps that API’s other tokens', async () => {
    const { authenticator, ui } = open();
    await authenticator.ensure({ audience: notes.identifier, scopes: ['notes:read'] });
    const withheld = { audience: notes.identifier, scopes: ['unknown:scope'] };
    assert.equal(await authenticator.silent(withheld), undefined);
    const spent = refreshes();
    assert.equal(await open().authenticator.silent(withheld), undefined);
    assert.equal(refreshes(), spent, 'no refresh is made in vain twice');
    assert.ok(await authenticator.silent({ audience: notes.identifier, scopes: ['notes:read'] }));
    for (let times = 0; times < 2; times++) {
      assert.deepEqual(scopesOf(await authenticator.ensure(withheld)), usual);
    }
    assert.equal(ui.opened.length, 2, 'one sign-in and one pass');
  });

  it('of version 1, as earlier versions stored it, is read, kept and renewed', async () => {
    const { accessToken, refreshToken } = await open().authenticator.ensure();
    const [file = ''] = files();
    const { tenant, account, id, scopes, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as Session;
    const { signedInAt, expiresAt, lifetime } = rest;
    const before = { version: 1, id, tenant, account, scopes, accessToken, refreshToken, signedInAt };
    writeFileSync(file, JSON.stringify({ ...before, expiresAt, lifetime }));
    const { authenticator, ui } = open();
    assert.equal((await authenticator.silent())?.accessToken, accessToken);
    const forNotes = await authenticator.ensure({ audience: notes.identifier });
    assert.equal(audienceOf(forNotes), notes.identifier);
    const stored = JSON.parse(readFileSync(file, 'utf8')) as Session;
    assert.equal(stored.version, 1);
    assert.equal(stored.id, id);
    assert.equal(stored.accessToken, accessToken, 'an earlier version finds the default API’s token');
    assert.equal(JSON.stringify({ ...stored, audiences: [] }).includes(forNotes.accessToken), false);
    assert.equal(ui.opened.length, 0);
    // An earlier version writes what it knows.
    const { audiences, ...known } = stored;
    writeFileSync(file, JSON.stringify(known));
    assert.equal((await open().authenticator.silent())?.accessToken, accessToken);
    assert.equal(
      audienceOf(await open().authenticator.ensure({ audience: notes.identifier })),
      notes.identifier,
    );
  });

  it('keeps what 64 APIs need at most, those that were renewed last', async () => {
    const { authenticator, store } = open();
    await authenticator.ensure();
    const [session] = await store.list();
    assert.ok(session);
    const entries = Array.from({ length: 64 }, (_none, index) => ({
      audience: `https://old${String(index)}.example/`,
      tokens: [],
      refreshToken: `token ${String(index)}`,
    }));
    await store.write({ ...session, audiences: entries });
    await authenticator.ensure({ audience: notes.identifier });
    const [kept] = await store.list();
    assert.deepEqual(
      kept?.audiences?.map(({ audience }) => audience),
      [notes.identifier, ...entries.slice(0, 63).map(({ audience }) => audience)],
    );
    assert.deepEqual(kept.replaced, ['token 63'], 'the sign-out revokes what was dropped');
  });

  describe('whose answer for another API is wrong', () => {
    for (const [name, token, saying] of [
      ['opaque', () => Promise.resolve('opaque-token'), /does not say whether it is for https:\/\/notes/],
      [
        'without "aud"',
        () => given.tenant.sign({ aud: undefined } as never),
        /does not say whether it is for https:\/\/notes/,
      ],
      ['with an empty "aud"', () => given.tenant.sign({ aud: [] }), /does not say whether/],
    ] as const) {
      it(`refuses a token that is ${name}, gives it to nobody, and keeps session and new refresh token`, async () => {
        const { authenticator, store } = open();
        await authenticator.ensure();
        const body = {
          access_token: await token(),
          refresh_token: 'the next one',
          token_type: 'Bearer',
          expires_in: 3_600,
        };
        given.tenant.answerTokenRequests([{ status: 200, body }]);
        await failsWith(authenticator.ensure({ audience: notes.identifier }), 'invalid_response', saying);
        const [stored] = await store.list();
        assert.equal(stored?.refreshToken, 'the next one');
        assert.equal(JSON.stringify(stored).includes(body.access_token), false);
      });
    }

    it('takes a token whose "aud" names the API among others', async () => {
      const { authenticator } = open();
      await authenticator.ensure();
      const aud = [`${given.tenant.issuer}userinfo`, notes.identifier];
      const body = {
        access_token: await given.tenant.sign({ aud }),
        token_type: 'Bearer',
        expires_in: 3_600,
      };
      given.tenant.answerTokenRequests([{ status: 200, body }]);
      const { accessToken } = await authenticator.ensure({ audience: notes.identifier });
      assert.equal(accessToken, body.access_token);
    });

    it('refuses a token for another API in place of the default one, and keeps the session', async () => {
      const { authenticator, store } = open();
      const { accessToken: rejected } = await authenticator.ensure();
      const body = {
        access_token: await given.tenant.sign({ aud: notes.identifier }),
        refresh_token: 'the next one',
        token_type: 'Bearer',
        expires_in: 3_600,
      };
      given.tenant.answerTokenRequests([{ status: 200, body }]);
      await failsWith(
        authenticator.ensure({ rejected }),
        'invalid_response',
        /for https:\/\/notes.*not for https:\/\/api\.demo/,
      );
      assert.equal((await store.list())[0]?.refreshToken, 'the next one');
    });
  });

  it('does not give one API’s failure to those who wait for another one', async () => {
    const { authenticator } = open();
    await authenticator.ensure();
    const body = { access_token: 'opaque', token_type: 'Bearer', expires_in: 3_600 };
    given.tenant.answerTokenRequests([{ status: 200, body }]);
    given.tenant.holdTokenAnswers();
    const first = authenticator.ensure({ audience: notes.identifier });
    first.catch(() => undefined);
    await delay(50);
    const others = [bank, ...many.slice(0, 3)].map(({ identifier }) =>
      open().authenticator.ensure({ audience: identifier }),
    );
    given.tenant.releaseTokenAnswers();
    await failsWith(first, 'invalid_response');
    assert.equal((await Promise.all(others)).length, 4);
  });

  it('asks a tenant that is down once for all APIs that are wanted at that time', async () => {
    const { authenticator } = open();
    await authenticator.ensure();
    given.tenant.resetCounters();
    given.tenant.setMode('down');
    const asked = many.map(({ identifier }) => authenticator.silent({ audience: identifier }));
    const answers = await Promise.allSettled(asked);
    for (const answer of answers) {
      assert.ok(
        answer.status === 'rejected' && isOmnispindleError(answer.reason, 'tenant_unreachable'),
        JSON.stringify(answer),
      );
    }
    assert.equal(given.tenant.counters()['token'], 1);
    given.tenant.setMode('normal');
    assert.ok(await authenticator.silent({ audience: notes.identifier }));
  });

  it('goes on where the tenant wants the person for one API, which then takes a pass', async () => {
    const { authenticator, ui } = open();
    await authenticator.ensure();
    given.tenant.answerTokenRequests([
      {
        status: 403,
        body: { error: 'mfa_required', error_description: 'Multifactor authentication required' },
      },
    ]);
    assert.equal(audienceOf(await authenticator.ensure({ audience: notes.identifier })), notes.identifier);
    assert.equal(ui.opened.length, 2);
    assert.ok(await authenticator.silent());
  });

  it('ends for all APIs where the tenant has ended it, and one sign-in brings all back', async () => {
    const { authenticator, ui } = open();
    await authenticator.ensure({ audience: notes.identifier });
    await given.tenant.revokeSessions();
    assert.equal(await authenticator.silent({ audience: bank.identifier }), undefined);
    assert.deepEqual(await authenticator.list(), []);
    await authenticator.ensure({ audience: bank.identifier });
    await authenticator.ensure({ audience: notes.identifier });
    assert.equal(ui.opened.length, 2);
  });
});

describe('a session at a tenant whose refresh tokens are good for one API (no MRRT)', () => {
  const given = useUser(undefined, { apis: all, secondFactor: true });
  const { open, forget, refreshes, files } = useSession(given);

  it('gets another API’s token by one more pass, with nothing to type, and says so before', async () => {
    const { authenticator, ui } = open();
    await authenticator.ensure();
    const before = given.tenant.counts();
    const told: SignInEvent[] = [];
    const opened: number[] = [];
    const forNotes = await authenticator.ensure({
      audience: notes.identifier,
      scopes: ['notes:read'],
      onProgress: event => {
        told.push(event);
        opened.push(ui.opened.length);
      },
    });
    assert.equal(audienceOf(forNotes), notes.identifier);
    assert.deepEqual(scopesOf(forNotes), plus('notes:read'));
    const after = given.tenant.counts();
    assert.deepEqual(after.pages, before.pages, 'no page is shown');
    assert.equal(after.signIns, before.signIns);
    assert.equal(ui.opened.length, 2);
    const { searchParams } = new URL(ui.opened[1] ?? '');
    assert.equal(searchParams.get('audience'), notes.identifier);
    assert.equal(searchParams.get('login_hint'), given.tenant.user.email);
    assert.equal(searchParams.has('prompt'), false);
    assert.deepEqual([told[0]?.type, opened[0]], ['pass', 1], 'it is said before the browser opens');
    assert.match(signInWords(told[0]!), /notes\.example\/mcp.*nothing to type/);
  });

  it('renews both by themselves afterwards, and makes no vain refresh', async () => {
    given.tenant.setTokenLifetime(1);
    const { authenticator, ui } = open();
    await authenticator.ensure();
    const first = await authenticator.ensure({ audience: notes.identifier });
    given.tenant.resetCounters();
    await delay(1_000);
    given.tenant.setTokenLifetime(3_600);
    const renewed = await open().authenticator.silent({ audience: notes.identifier });
    assert.notEqual(renewed?.accessToken, first.accessToken);
    assert.equal(audienceOf(renewed!), notes.identifier);
    assert.equal(audienceOf((await open().authenticator.silent())!), given.tenant.audience);
    assert.deepEqual(given.tenant.counts().refreshes, { [notes.identifier]: 1, [given.tenant.audience]: 1 });
    assert.equal(ui.opened.length, 2);
  });

  it('tries its refresh token for another API once, throws the token away, and keeps the new refresh token', async () => {
    const { authenticator, store } = open();
    const { accessToken, refreshToken } = await authenticator.ensure();
    for (let times = 0; times < 3; times++) {
      assert.equal(await open().authenticator.silent({ audience: notes.identifier }), undefined);
    }
    assert.equal(refreshes(), 1);
    const [stored] = await store.list();
    assert.equal(stored?.accessToken, accessToken);
    assert.notEqual(stored.refreshToken, refreshToken);
    assert.equal((await authenticator.ensure({ rejected: accessToken })).id, stored.id);
  });

  it('makes one pass for each API, however many calls and processes wait', async () => {
    await open().authenticator.ensure();
    const waiting = Array.from({ length: 6 }, (_none, index) => ({
      fixture: open(),
      audience: (index % 2 === 0 ? notes : bank).identifier,
    }));
    const sessions = await Promise.all(
      waiting.map(({ fixture, audience }) => fixture.authenticator.ensure({ audience })),
    );
    assert.deepEqual(
      sessions.map(audienceOf),
      waiting.map(({ audience }) => audience),
    );
    assert.equal(
      waiting.reduce((sum, { fixture }) => sum + fixture.ui.opened.length, 0),
      2,
    );
  });

  it('asks in a pass for all scopes that this API’s servers need, and gives each the ones it asked for', async () => {
    const { authenticator, ui } = open();
    const audience = notes.identifier;
    await authenticator.ensure({ audience, scopes: ['notes:read'] });
    const writer = await authenticator.ensure({ audience, scopes: ['notes:write'] });
    assert.deepEqual(scopesOf(writer), plus('notes:write'));
    assert.deepEqual(
      scopesOf(await authenticator.silent({ audience, scopes: ['notes:read'] })),
      plus('notes:read'),
    );
    assert.deepEqual(scopesOf(await authenticator.silent({ audience })), usual);
    assert.equal(ui.opened.length, 3, 'a sign-in, and a pass for each scope that is new');
  });

  it('makes one pass for a process that asks others to sign in, and keeps its id, by which that one finds it', async () => {
    const { id } = await open().authenticator.ensure();
    const asked = { audience: notes.identifier };
    // As the process does that a server of an MCP client starts.
    const passing = [open(), open()];
    const sessions = await Promise.all(passing.map(one => one.authenticator.signIn(asked, [id])));
    assert.deepEqual(
      sessions.map(session => [session.id, audienceOf(session)]),
      sessions.map(() => [id, notes.identifier]),
    );
    assert.equal(passing.flatMap(({ ui }) => ui.opened).length, 1);
    const { accessToken } = (await open().authenticator.silent(asked))!;
    assert.equal(accessToken, sessions[0]?.accessToken);
  });

  it('refuses another person who comes back from a pass, stores nothing and loses nothing', async () => {
    const { authenticator, store } = open();
    const { accessToken } = await authenticator.ensure();
    // So that what is tried in vain is behind us.
    await authenticator.silent({ audience: notes.identifier });
    const before = JSON.stringify(await store.list());
    forget();
    await failsWith(
      open(grace).authenticator.ensure({ audience: notes.identifier }),
      'account_mismatch',
      /grace@example\.com.*nothing was changed.*fresh login/,
    );
    assert.equal(JSON.stringify(await store.list()), before);
    assert.equal((await open().authenticator.silent())?.accessToken, accessToken);
    forget();
    assert.equal(
      audienceOf(await open().authenticator.ensure({ audience: notes.identifier })),
      notes.identifier,
    );
  });

  it('names an API that the tenant does not know, says what to register, and goes on', async () => {
    const { authenticator } = open();
    const { accessToken } = await authenticator.ensure();
    const audience = 'https://unknown.example/mcp';
    await failsWith(
      authenticator.ensure({ audience }),
      'invalid_settings',
      /knows no API "https:\/\/unknown\.example\/mcp".*register an API with exactly this identifier/,
    );
    assert.equal((await authenticator.silent())?.accessToken, accessToken);
    assert.equal(audienceOf(await authenticator.ensure({ audience: notes.identifier })), notes.identifier);
  });

  it('keeps what other APIs need when the person signs in again', async () => {
    const { authenticator, ui } = open();
    const before = await authenticator.ensure({ audience: notes.identifier });
    await authenticator.signIn();
    assert.equal(
      (await authenticator.silent({ audience: notes.identifier }))?.accessToken,
      before.accessToken,
    );
    const rejected = before.accessToken;
    const renewed = await authenticator.silent({ audience: notes.identifier, rejected });
    assert.notEqual(renewed?.accessToken, rejected);
    assert.equal(ui.opened.length, 3);
  });

  it('takes another pass where one API’s own refresh token has ended, and goes on for the others', async () => {
    const { authenticator, ui, store } = open();
    await authenticator.ensure({ audience: notes.identifier });
    const { accessToken: forBank } = await authenticator.ensure({ audience: bank.identifier });
    const [stored] = await store.list();
    const ended = stored?.audiences?.map(entry =>
      entry.audience === notes.identifier ? { ...entry, tokens: [], refreshToken: 'ended' } : entry,
    );
    await store.write({ ...stored!, audiences: ended });
    assert.equal(await authenticator.silent({ audience: notes.identifier }), undefined);
    const rejected = (await authenticator.silent())?.accessToken ?? '';
    assert.ok(await authenticator.silent({ rejected }));
    assert.equal((await authenticator.silent({ audience: bank.identifier }))?.accessToken, forBank);
    assert.equal(audienceOf(await authenticator.ensure({ audience: notes.identifier })), notes.identifier);
    assert.equal(ui.opened.length, 4);
  });

  it('leaves no refresh token alive after the sign-out, of whatever API', async () => {
    await given.tenant.revokeSessions();
    const { authenticator } = open();
    await authenticator.ensure({ audience: notes.identifier });
    await authenticator.ensure({ audience: bank.identifier });
    const { id } = await authenticator.signIn();
    assert.equal(await given.tenant.liveSessions(), 4);
    await authenticator.signOut(id);
    assert.equal(await given.tenant.liveSessions(), 0);
    assert.deepEqual(files(), []);
  });

  it('writes no token of any API into its log', async () => {
    const { authenticator, log, store } = open();
    await authenticator.ensure({ audience: notes.identifier });
    const [stored] = await store.list();
    const secrets = [
      stored?.accessToken,
      stored?.refreshToken,
      ...(stored?.audiences ?? []).flatMap(({ refreshToken, tokens }) => [
        refreshToken,
        tokens[0]?.accessToken,
      ]),
    ];
    assert.equal(secrets.filter(secret => secret !== undefined).length, 4);
    for (const secret of secrets) assert.ok(!log.lines.join('\n').includes(String(secret)));
  });

  it('brings a stronger sign-in for one API where its server asks for it, once for all who ask', async () => {
    const { authenticator, ui } = open();
    const audience = notes.identifier;
    const { accessToken: rejected, account } = await authenticator.ensure({ audience });
    assert.equal(decodeJwt(rejected)['acr'], undefined);
    const wanted = { audience, account: account.id, rejected, hints: { acrValues: multiFactor } };
    assert.equal(await authenticator.silent(wanted), undefined, 'no refresh brings it');
    const stronger = await Promise.all(
      [authenticator, open().authenticator].map(other => other.ensure(wanted)),
    );
    assert.deepEqual(
      stronger.map(({ accessToken }) => decodeJwt(accessToken)['acr']),
      [multiFactor, multiFactor],
    );
    assert.equal(stronger[0]?.accessToken, stronger[1]?.accessToken);
    assert.equal(given.tenant.counts().pages['second-factor'], 1);
    assert.equal(ui.opened.filter(url => url.includes('acr_values')).length <= 1, true);
    assert.equal((await authenticator.silent({ audience }))?.accessToken, stronger[0]?.accessToken);
  });

  it('says so where the person gives up in the browser, and the session goes on', async () => {
    const { authenticator } = open();
    await authenticator.ensure();
    forget();
    await assert.rejects(open('cancel').authenticator.ensure({ audience: notes.identifier }), error =>
      isOmnispindleError(error, 'access_denied'),
    );
    assert.ok(await authenticator.silent());
  });
});
