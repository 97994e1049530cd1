import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { AuthError } from '../../src/auth/authError.ts';
import type { EditorAccount } from '../../src/editor/accountId.ts';
import { DeclinedError } from '../../src/editor/declined.ts';
import {
  createServerSignIns,
  type ServerSignIns,
  type SignInQuestion,
} from '../../src/editor/serverSignIns.ts';
import type { Detachable } from '../../src/sessions/detachable.ts';
import type { TokenRequest } from '../../src/sessions/tokenSource.ts';
import { failsWith } from '../auth/fixtures.ts';

const minute = 60_000;
const ada: EditorAccount = { id: 'auth0|ada', label: 'ada@example.com' };

/** A question that is open, as the person sees it. */
interface Open {
  readonly server: string | undefined;
  answer(): void;
  fail(error: unknown): void;
}

describe('the question to sign in for a server', () => {
  let signIns: ServerSignIns & { dispose(): void };
  let signedIn: EditorAccount | undefined;
  let open: Open[];
  let asked: string[];
  let offers: number;
  let failure: unknown;
  let listeners: ((change: { signedIn: boolean; signedOut: boolean }) => unknown)[];
  let pending: Map<string, Detachable<EditorAccount>>;

  beforeEach(() => {
    signedIn = failure = undefined;
    open = [];
    asked = [];
    offers = 0;
    listeners = [];
    pending = new Map();
    signIns = createServerSignIns({
      provider: {
        onDidChangeAccounts(listener) {
          listeners.push(listener);
          return { dispose: () => undefined };
        },
        lastFailure: () => failure,
      },
      host: () => undefined,
      offer: () => offers++,
    });
  });
  afterEach(() => {
    signIns.dispose();
    mock.timers.reset();
  });

  function ask(
    server: string | undefined,
    request: TokenRequest = {},
    more: Partial<SignInQuestion<EditorAccount>> = {},
  ): Promise<EditorAccount> {
    return signIns.ask(
      {
        server,
        purpose: '',
        pending,
        known: () => Promise.resolve(signedIn),
        ask() {
          asked.push(server ?? '');
          const { promise, resolve, reject } = Promise.withResolvers<EditorAccount>();
          open.push({
            server,
            answer() {
              signedIn = ada;
              resolve(ada);
            },
            fail: reject,
          });
          return promise;
        },
        ...more,
      },
      request,
    );
  }

  async function question(): Promise<Open> {
    for (;;) {
      const next = open.shift();
      if (next) return next;
      await new Promise(setImmediate);
    }
  }
  const settled = () => new Promise(resolve => setTimeout(resolve, 5));

  async function sayNo(server: string): Promise<void> {
    const refused = failsWith(ask(server), 'access_denied', /nobody is signed in/);
    (await question()).fail(new DeclinedError('No.'));
    await refused;
  }

  it('[E1] is asked once for all requests of a server', async () => {
    const requests = ['one', 'two', 'three'].map(() => ask('Loom'));
    (await question()).answer();
    assert.deepEqual(await Promise.all(requests), [ada, ada, ada]);
    assert.deepEqual(asked, ['Loom']);
  });

  it('[E1] is asked one at a time, and servers that wait share the sign-in', async () => {
    const requests = ['Loom', 'Bank', 'Notes'].map(server => ask(server));
    const first = await question();
    await settled();
    assert.deepEqual(asked, ['Loom']);
    first.answer();
    assert.deepEqual(await Promise.all(requests), [ada, ada, ada]);
    assert.deepEqual(asked, ['Loom']);
  });

  it('[E1] is asked for a server that waits where the person said no to another', async () => {
    const loom = failsWith(ask('Loom'), 'access_denied', /^Loom runs its tools as you/);
    const bank = ask('Bank');
    (await question()).fail(new DeclinedError('No.'));
    await loom;
    const next = await question();
    assert.equal(next.server, 'Bank');
    next.answer();
    assert.deepEqual(await bank, ada);
  });

  it('[E1] is not asked again for five minutes after a no, and that server’s requests fail at once', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await sayNo('Loom');
    for (let times = 0; times < 3; times++) {
      await failsWith(ask('Loom'), 'access_denied', /Sign in from the Accounts menu.*call the tool again/);
      mock.timers.tick(1.5 * minute);
    }
    assert.deepEqual([asked, offers], [['Loom'], 1]);
    mock.timers.tick(minute);
    const again = ask('Loom');
    (await question()).answer();
    assert.deepEqual(await again, ada);
  });

  it('[E1] is asked again after somebody has signed in, and not because somebody has signed out', async () => {
    await sayNo('Loom');
    for (const listener of listeners) listener({ signedIn: false, signedOut: true });
    await failsWith(ask('Loom'), 'access_denied');
    for (const listener of listeners) listener({ signedIn: true, signedOut: false });
    const again = ask('Loom');
    (await question()).answer();
    assert.deepEqual(await again, ada);
  });

  it('[E1] is asked again for a server that is started again by hand', async () => {
    await sayNo('Loom');
    await sayNo('Bank');
    signIns.forget('Loom');
    const again = ask('Loom');
    (await question()).answer();
    await again;
    signedIn = undefined;
    await failsWith(ask('Bank'), 'access_denied');
  });

  it('[E1] is no question any more where somebody has signed in while another was open', async () => {
    const loom = failsWith(ask('Loom'), 'access_denied');
    const bank = ask('Bank');
    const first = await question();
    signedIn = ada;
    first.fail(new DeclinedError('No.'));
    await loom;
    assert.deepEqual(await bank, ada);
    assert.deepEqual(asked, ['Loom']);
  });

  for (const code of ['cancelled', 'account_mismatch', 'access_denied'] as const) {
    it(`[E1] counts as refused where the sign-in ends with ${code}, and says why`, async () => {
      const refused = failsWith(
        ask('Loom'),
        'access_denied',
        /^The page says why\. Loom runs its tools as you/,
      );
      const { fail } = await question();
      // What the editor passes on of it are words alone.
      failure = new AuthError(code, 'The page says why.');
      fail(new DeclinedError('Nobody is signed in (The page says why.).'));
      await refused;
      await failsWith(ask('Loom'), 'access_denied', /^Loom runs its tools as you/);
      assert.equal(asked.length, 1);
    });
  }

  for (const code of ['timed_out', 'tenant_unreachable', 'server_error', 'account_not_found'] as const) {
    it(`[E1] does not count as refused where the sign-in fails with ${code}`, async () => {
      const failed = failsWith(ask('Loom'), code, /^It failed\.$/);
      const { fail } = await question();
      failure = new AuthError(code, 'It failed.');
      fail(new DeclinedError('Nobody is signed in (It failed.).'));
      await failed;
      const again = ask('Loom');
      (await question()).answer();
      assert.deepEqual(await again, ada);
      assert.equal(offers, 0);
    });
  }

  it('[E1] names the account that was chosen for the server', async () => {
    const chosen = { chosen: { id: 'google|grace', label: 'grace@gmail.example' } };
    const refused = failsWith(
      ask('Loom', {}, chosen),
      'access_denied',
      /^Loom runs as grace@gmail\.example, who is not/,
    );
    (await question()).fail(new DeclinedError('No.'));
    await refused;
    await failsWith(ask('Loom', {}, chosen), 'access_denied', /Sign in as grace@gmail\.example/);
    assert.equal(offers, 0);
  });

  it('[E1] is not asked for a silent request, also after a no', async () => {
    await failsWith(ask('Loom', { silent: true }), 'login_required');
    await sayNo('Loom');
    await failsWith(ask('Loom', { silent: true }), 'login_required');
    assert.equal(asked.length, 1);
  });

  it('[E1] is not asked where all who needed it have gone before its turn', async () => {
    const first = ask('Loom');
    const { fail } = await question();
    const stop = new AbortController();
    const gone = failsWith(ask('Bank', { signal: stop.signal }), 'cancelled');
    const failed = failsWith(first, 'access_denied');
    stop.abort();
    await gone;
    fail(new DeclinedError('No.'));
    await failed;
    await settled();
    assert.deepEqual(asked, ['Loom']);
    // The next one that needs it is asked.
    const later = ask('Bank');
    (await question()).answer();
    assert.deepEqual(await later, ada);
  });

  it('[E1] goes on for who still waits where one of them has gone', async () => {
    const stop = new AbortController();
    const gone = failsWith(ask('Loom', { signal: stop.signal }), 'cancelled');
    const other = ask('Loom');
    const { answer } = await question();
    stop.abort();
    await gone;
    answer();
    assert.deepEqual(await other, ada);
  });

  it('[E1] tells all who wait that the editor asks', async () => {
    const told: string[] = [];
    const requests = ['Loom', 'Loom', 'Bank'].map(server =>
      ask(server, { onProgress: ({ type }) => told.push(type) }),
    );
    (await question()).answer();
    await Promise.all(requests);
    assert.deepEqual(told, ['editor', 'editor', 'editor']);
  });

  it('[E1] has no five minutes for the server of another extension, whose name is not known', async () => {
    for (let times = 0; times < 2; times++) {
      const refused = failsWith(ask(undefined), 'access_denied', /^No\.$/);
      (await question()).fail(new DeclinedError('No.'));
      await refused;
    }
    assert.equal(asked.length, 2);
  });

  it('[E1] shows the server’s name in one line, whatever it holds', async () => {
    const refused = failsWith(ask('Lo\nom\u001B[2J'), 'access_denied', /^Lo om/);
    (await question()).fail(new DeclinedError('No.'));
    await refused;
  });
});
