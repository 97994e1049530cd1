import assert from 'node:assert/strict';
import { AuthError } from '../../src/auth/authError.ts';
import { createBrokerTokenSource } from '../../src/broker/client.ts';
import type { BrokerHost } from '../../src/broker/host.ts';
import type { TokenRequest } from '../../src/sessions/tokenSource.ts';
import { failsWith } from '../auth/fixtures.ts';
import { openWindow, token } from './fixtures.ts';

describe('a silent request to the broker', () => {
  let window: BrokerHost;
  let requests: TokenRequest[];

  beforeEach(() => {
    requests = [];
    window = openWindow((_account, request) => {
      requests.push(request);
      if (request.silent) throw new AuthError('login_required', 'Nobody is signed in.');
      return Promise.resolve(token('of a person'));
    });
  });
  afterEach(() => window.dispose());

  it('[E1] reaches the window as one, and brings back that a person is needed', async () => {
    const { env } = await window.grant('ada');
    const source = createBrokerTokenSource(env)!;
    await failsWith(source.getToken({ silent: true }), 'login_required');
    assert.equal((await source.getToken({})).accessToken, 'of a person');
    // From then on it has one.
    assert.equal((await source.getToken({ silent: true })).accessToken, 'of a person');
    assert.deepEqual(
      requests.map(({ silent }) => silent),
      [true, undefined],
    );
    source.dispose();
  });

  it('[E1] asks the person neither for scopes nor for a stronger sign-in', async () => {
    const questions: string[] = [];
    const { env } = await window.grant('ada', {
      askForScopes: () => Promise.resolve(questions.push('scopes') > 0),
      askForStepUp: () => Promise.resolve(questions.push('step-up') > 0),
    });
    const source = createBrokerTokenSource(env)!;
    await failsWith(source.getToken({ silent: true, scopes: ['todos:write'] }), 'login_required');
    const stronger = { rejected: 'weak', hints: { acrValues: 'mfa' } };
    await failsWith(source.getToken({ silent: true, ...stronger }), 'login_required');
    assert.deepEqual(questions, []);
    assert.equal((await source.getToken({ scopes: ['todos:write'] })).accessToken, 'of a person');
    assert.equal((await source.getToken(stronger)).accessToken, 'of a person');
    assert.deepEqual(questions, ['scopes', 'step-up']);
    source.dispose();
  });

  it('[E1] brings back the same after a no to a stronger sign-in, and waits for no open question', async () => {
    const { promise: answer, resolve } = Promise.withResolvers<boolean>();
    const { env } = await window.grant('ada', { askForStepUp: () => answer });
    const source = createBrokerTokenSource(env)!;
    const stronger = { rejected: 'weak', hints: { acrValues: 'mfa' } };
    const asked = failsWith(source.getToken(stronger), 'access_denied');
    await failsWith(source.getToken({ silent: true, ...stronger }), 'login_required');
    resolve(false);
    await asked;
    await failsWith(source.getToken({ silent: true, ...stronger }), 'login_required');
    source.dispose();
  });

  it('[E1] for another API than the key’s is refused as every request for it is', async () => {
    const { env } = await window.grant('ada');
    const source = createBrokerTokenSource(env)!;
    await failsWith(source.getToken({ silent: true, audience: 'https://bank.example/' }), 'access_denied');
    source.dispose();
  });
});
