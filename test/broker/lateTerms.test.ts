import assert from 'node:assert/strict';
import { AuthError } from '../../src/auth/authError.ts';
import { createBrokerTokenSource } from '../../src/broker/client.ts';
import { createBrokerHost, type BrokerHost } from '../../src/broker/host.ts';
import type { FindTerms, Holder } from '../../src/broker/terms.ts';
import { needsPerson } from '../../src/sessions/silentRequest.ts';
import type { TokenRequest, TokenSource } from '../../src/sessions/tokenSource.ts';
import { failsWith, memoryLog } from '../auth/fixtures.ts';
import { token } from './fixtures.ts';

describe('a key whose account is not known yet', () => {
  let window: BrokerHost;
  let given: { holder: Holder; request: TokenRequest }[];
  let questions: number;
  let answer: PromiseWithResolvers<string>;
  const sources: { dispose(): void }[] = [];

  const findTerms: FindTerms = async ({ silent }) => {
    if (silent) throw needsPerson();
    questions++;
    const account = await answer.promise;
    return { account, server: 'Loom', allowed: { audience: 'https://loom.example/', scopes: ['weave'] } };
  };

  async function open(): Promise<TokenSource> {
    const { env } = await window.grantLate(findTerms);
    const source = createBrokerTokenSource(env)!;
    sources.push(source);
    return source;
  }

  beforeEach(() => {
    given = [];
    questions = 0;
    answer = Promise.withResolvers();
    window = createBrokerHost({
      log: memoryLog(),
      getToken(holder, request) {
        given.push({ holder, request });
        return Promise.resolve(token(`of ${holder.account}`));
      },
    });
  });
  afterEach(async () => {
    for (const source of sources.splice(0)) source.dispose();
    await window.dispose();
  });

  it('[E1] is made without a question, and its silent requests find none either', async () => {
    const source = await open();
    await failsWith(source.getToken({ silent: true }), 'login_required');
    assert.equal(questions, 0);
    assert.deepEqual(given, []);
  });

  it('[E1] finds its account, and what it may have, at its first request, and keeps both', async () => {
    const source = await open();
    answer.resolve('ada');
    assert.equal((await source.getToken({ scopes: ['weave'] })).accessToken, 'of ada');
    assert.equal((await source.getToken({ silent: true })).accessToken, 'of ada');
    assert.equal(questions, 1);
    assert.deepEqual(
      given.map(({ holder: { account, server }, request: { audience } }) => [account, server, audience]),
      [
        ['ada', 'Loom', 'https://loom.example/'],
        ['ada', 'Loom', 'https://loom.example/'],
      ],
    );
    await failsWith(source.getToken({ scopes: ['cut'] }), 'access_denied');
    await failsWith(source.getToken({ audience: 'https://bank.example/' }), 'access_denied');
  });

  it('[E1] asks again at its next request where the person said no', async () => {
    const source = await open();
    answer.promise.catch(() => undefined);
    answer.reject(new AuthError('access_denied', 'You did not sign in.'));
    await failsWith(source.getToken({}), 'access_denied', /You did not sign in/);
    answer = Promise.withResolvers();
    answer.resolve('grace');
    assert.equal((await source.getToken({})).accessToken, 'of grace');
    assert.equal(questions, 2);
  });

  it('[E1] is of one account for all requests that waited for it', async () => {
    const source = await open();
    const asked = ['weave', 'weave', ''].map(scope => source.getToken({ scopes: [scope].filter(Boolean) }));
    while (questions < 3) await new Promise(setImmediate);
    answer.resolve('ada');
    const tokens = await Promise.all(asked);
    assert.deepEqual([...new Set(tokens.map(({ accessToken }) => accessToken))], ['of ada']);
  });

  it('[E1] that is revoked while the person is asked gets no token', async () => {
    const { env, revoke } = await window.grantLate(findTerms);
    const source = createBrokerTokenSource(env)!;
    sources.push(source);
    const asked = source.getToken({});
    while (questions < 1) await new Promise(setImmediate);
    void revoke();
    answer.resolve('ada');
    await failsWith(asked, 'session_lost');
  });
});
