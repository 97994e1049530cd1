import assert from 'node:assert/strict';
import { signInByForm } from '../../tenant/browserless.ts';
import { run, start, visits } from '../../terminal/fixtures.ts';
import { text, until, useSurroundings, type Connected } from './fixtures.ts';

/** The address in what a person is told. */
function addressIn(news: string | undefined): string {
  const [address] = /http:\S+/.exec(news ?? '') ?? [];
  assert.ok(address, news);
  return address;
}

describe('omnispindle connect, while nobody is signed in,', () => {
  const here = useSurroundings();

  /** Connects as somebody whose session then ends, and whose browser does not open. */
  async function connectSignedOut(env: Record<string, string> = {}): Promise<Connected> {
    assert.equal((await run({ tenant: here.tenant, directory: here.directory }, 'login')).code, 0);
    const connected = await here.connect([], { BROWSER: 'none', ...env });
    await text(connected, 'echo', { text: 'before' });
    await here.tenant.revokeSessions();
    here.refuseOldTokens();
    return connected;
  }

  /** Calls the tool `echo`. @returns its answer, and the news of it */
  function waitingCall(connected: Connected, input: string, signal = new AbortController().signal) {
    const news: string[] = [];
    const answer = text(
      connected,
      'echo',
      { text: input },
      { signal, onprogress: ({ message }) => news.push(message ?? '') },
    );
    return { answer, news };
  }

  for (const browser of ['none', '/no/such/browser']) {
    it(`shows the address as the call's progress and on stderr (BROWSER=${browser})`, async () => {
      const connected = await connectSignedOut({ BROWSER: browser });
      const { answer, news } = waitingCall(connected, 'hi');
      await until(() => news.length > 0);
      const address = addressIn(news[0]);
      assert.ok(address.startsWith(`${here.tenant.domain}/authorize?`));
      await until(() => connected.stderr().includes(address));
      await signInByForm(address);
      assert.equal(await answer, 'hi');
      assert.equal(visits(here.directory).length, 1);
    });
  }

  it('shows it on stderr alone where the call wants no progress', async () => {
    const connected = await connectSignedOut();
    const mistakes: Error[] = [];
    connected.client.onerror = error => mistakes.push(error);
    const answer = text(connected, 'echo', { text: 'hi' });
    await until(() => connected.stderr().includes('/authorize?'));
    await signInByForm(addressIn(connected.stderr()));
    assert.equal(await answer, 'hi');
    assert.deepEqual(mistakes, []);
  });

  it('shows it before the session has begun', async () => {
    const connected = await here.connect([], { BROWSER: 'none' });
    const { answer, news } = waitingCall(connected, 'hi');
    await until(() => news.length > 0);
    assert.deepEqual(here.remote.requests, []);
    await signInByForm(addressIn(news[0]));
    assert.equal(await answer, 'hi');
  });

  it('has one sign-in for any number of calls', async () => {
    const connected = await connectSignedOut();
    const calls = ['one', 'two', 'three'].map(each => waitingCall(connected, each));
    await until(() => calls.every(({ news }) => news.length > 0));
    const [address, ...others] = new Set(calls.map(({ news }) => addressIn(news[0])));
    assert.deepEqual(others, []);
    await signInByForm(address ?? '');
    assert.deepEqual(await Promise.all(calls.map(({ answer }) => answer)), ['one', 'two', 'three']);
  });

  it('has one sign-in for processes that start at once', async () => {
    const connect = () => here.connect([], {}, { isSignedOut: true });
    const all = await Promise.all([connect(), connect(), connect()]);
    assert.equal(visits(here.directory).length, 0);
    await Promise.all(all.map(connected => text(connected, 'echo', { text: 'hi' })));
    assert.equal(visits(here.directory).length, 1);
  });

  it('leaves the sign-in open for the next call where one is cancelled', async () => {
    const connected = await connectSignedOut();
    const stop = new AbortController();
    const first = waitingCall(connected, 'first', stop.signal);
    await until(() => first.news.length > 0);
    const [old] = here.remote.requests.map(({ authorization }) => authorization);
    stop.abort();
    await assert.rejects(first.answer);
    const next = waitingCall(connected, 'next');
    await until(() => next.news.length > 0);
    assert.equal(addressIn(next.news[0]), addressIn(first.news[0]));
    await signInByForm(addressIn(next.news[0]));
    assert.equal(await next.answer, 'next');
    // The next one may try the refused token, where it has not heard yet of the session's end.
    const posts = here.remote.requests.filter(
      ({ method, authorization }) => method === 'POST' && authorization !== old,
    );
    assert.equal(posts.length, 1);
  });

  it('[E1] says so where the person refuses, and again without a page at the next calls, until they sign in', async () => {
    const connected = await connectSignedOut();
    const first = waitingCall(connected, 'first');
    const refused = assert.rejects(
      first.answer,
      /The sign-in was refused or cancelled in the browser\. Try again/,
    );
    await until(() => first.news.length > 0);
    await signInByForm(addressIn(first.news[0]), 'cancel');
    await refused;
    for (let calls = 0; calls < 3; calls++) {
      const next = waitingCall(connected, 'next');
      await assert.rejects(next.answer, /No page was opened again.*"omnispindle login"/s);
      assert.deepEqual(next.news, []);
    }
    assert.equal((await run({ tenant: here.tenant, directory: here.directory }, 'login')).code, 0);
    assert.equal(await waitingCall(connected, 'next').answer, 'next');
  });

  it('ends with its client', async () => {
    const { tenant, directory, remote } = here;
    const waiting = start(
      { tenant, directory, env: { BROWSER: 'none' } },
      'connect',
      remote.url,
      '--default-audience',
    );
    const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { capabilities: {} } };
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo' } };
    for (const message of [initialize, call]) waiting.stdin.write(`${JSON.stringify(message)}\n`);
    await waiting.says(/authorize/);
    waiting.stdin.end();
    const { code, signal } = await waiting.ended;
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
    assert.deepEqual(remote.requests, []);
  });
});
