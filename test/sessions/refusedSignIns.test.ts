import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { AuthError } from '../../src/auth/authError.ts';
import { withRefusedSignIns } from '../../src/sessions/refusedSignIns.ts';
import type { TokenRequest } from '../../src/sessions/tokenSource.ts';
import { failsWith } from '../auth/fixtures.ts';

const minute = 60_000;

describe('a source of tokens after a person has refused to sign in', () => {
  let asked: boolean[];
  let answer: (request: TokenRequest) => Promise<{ accessToken: string }>;
  const refuse = ({ silent = false }: TokenRequest) =>
    Promise.reject(
      silent ? new AuthError('login_required', 'Nobody.') : new AuthError('access_denied', 'They said no.'),
    );
  const open = () =>
    withRefusedSignIns({
      getToken(request) {
        asked.push(request.silent !== true);
        return answer(request);
      },
    });
  beforeEach(() => {
    asked = [];
    answer = refuse;
    mock.timers.enable({ apis: ['Date'] });
  });
  afterEach(() => {
    mock.timers.reset();
  });

  it('[E1] does not ask again for five minutes, and says why and what to do', async () => {
    const source = open();
    await failsWith(source.getToken({}), 'access_denied');
    for (let calls = 0; calls < 3; calls++) {
      await assert.rejects(
        source.getToken({}),
        /No page was opened again.*omnispindle login.*They said no\./,
      );
    }
    assert.deepEqual(asked, [true, false, false, false]);
    mock.timers.tick(5 * minute);
    await failsWith(source.getToken({}), 'access_denied');
    assert.equal(asked.at(-1), true);
  });

  it('[E1] gives the token where somebody has signed in meanwhile, and asks again after that', async () => {
    const source = open();
    await failsWith(source.getToken({}), 'access_denied');
    answer = () => Promise.resolve({ accessToken: 'token' });
    assert.equal((await source.getToken({})).accessToken, 'token');
    answer = refuse;
    await failsWith(source.getToken({}), 'access_denied');
    assert.deepEqual(asked, [true, false, true]);
  });

  it('[E1] asks again where nobody refused: after a time that ran out, for another API, or a mistake', async () => {
    const source = open();
    answer = () => Promise.reject(new AuthError('timed_out', 'Nobody came.'));
    for (let calls = 0; calls < 2; calls++) await failsWith(source.getToken({}), 'timed_out');
    answer = refuse;
    await failsWith(source.getToken({ silent: true }), 'login_required');
    await failsWith(source.getToken({ audience: 'https://one.example/' }), 'access_denied');
    await failsWith(source.getToken({ audience: 'https://two.example/' }), 'access_denied');
    assert.deepEqual(asked, [true, true, false, true, true]);
  });
});
