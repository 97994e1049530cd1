import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { signIn, visits } from '../../terminal/fixtures.ts';
import { steps } from './features.ts';
import { answering, refusal, text, unauthorized, until, useSurroundings } from './fixtures.ts';

describe('omnispindle connect, where the server refuses the token,', () => {
  const here = useSurroundings();

  const renewals = () => here.tenant.counters()['token:refresh_token'] ?? 0;
  const posts = () => here.remote.requests.filter(({ method }) => method === 'POST');

  it('renews it once, tries once more, and the call completes', async () => {
    const connected = await here.connect();
    await text(connected, 'echo', { text: 'before' });
    here.refuseOldTokens();
    const before = posts().length;
    assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
    const tokens = posts()
      .slice(before)
      .map(({ authorization }) => authorization);
    assert.equal(tokens.length, 2);
    assert.notEqual(tokens[0], tokens[1]);
    assert.equal(renewals(), 1);
    assert.equal(visits(here.directory).length, 1);
  });

  it('says so where it refuses the new one too, without trying on', async () => {
    const connected = await here.connect();
    await text(connected, 'echo', { text: 'before' });
    const before = posts().length;
    here.remote.intercept = answering(Infinity, 'POST', unauthorized);
    await assert.rejects(
      text(connected, 'echo', { text: 'hi' }),
      /does not accept the token, a new one either/,
    );
    assert.equal(posts().length, before + 2);
    assert.equal(renewals(), 1);
    here.remote.intercept = undefined;
    assert.equal(await text(connected, 'echo', { text: 'on' }), 'on');
    assert.equal(visits(here.directory).length, 1);
  });

  it('renews it once for any number of calls', async () => {
    const connected = await here.connect();
    await text(connected, 'echo', { text: 'before' });
    const calls = 20;
    const held: (() => void)[] = [];
    here.remote.intercept = answering(calls, 'POST', (...exchange) => {
      held.push(() => {
        unauthorized(...exchange);
      });
      if (held.length === calls) for (const answer of held) answer();
    });
    const texts = Array.from({ length: calls }, (_, index) => String(index));
    assert.deepEqual(await Promise.all(texts.map(each => text(connected, 'echo', { text: each }))), texts);
    assert.equal(renewals(), 1);
  });

  it('renews it to resume a stream that broke', async () => {
    const connected = await here.connect();
    const called = text(connected, 'steps', { times: 2 });
    await until(() => connected.heard.includes('step 1'));
    here.refuseOldTokens();
    here.remote.drop();
    await until(() => renewals() === 1);
    steps.emit('go');
    await until(() => connected.heard.includes('step 2'));
    steps.emit('go');
    assert.equal(await called, 'arrived');
    assert.deepEqual(connected.heard, ['step 1', 'step 2']);
  });

  it('reopens the server’s own stream with the next call’s token', async () => {
    const connected = await here.connect([], { OMNISPINDLE_DEBUG: '1' });
    await text(connected, 'echo', { text: 'before' });
    here.refuseOldTokens();
    here.remote.drop();
    const streams = () => here.remote.requests.filter(({ method }) => method === 'GET');
    await until(() =>
      connected
        .stderr()
        .includes("The server's own stream: RemoteError: The server answered with status 401"),
    );
    assert.equal(streams().length, 2);
    assert.equal(renewals(), 0);
    await text(connected, 'echo', { text: 'hi' });
    await until(() => streams().length === 3);
    here.remote.listChanged();
    await until(() => connected.heard.includes('changed'));
    assert.equal(renewals(), 1);
  });
});

describe('omnispindle connect, where the token lacks a scope,', () => {
  const here = useSurroundings();

  const visited = () => visits(here.directory).length;
  const lacking = (scope: string) =>
    refusal(403, { 'www-authenticate': `Bearer realm="wool", error="insufficient_scope", scope="${scope}"` });

  /** The server wants that scope for every call of a tool. */
  function wants(scope: string): void {
    here.remote.intercept = (request, response) => {
      const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
      if (String(decodeJwt(token)['scope']).split(' ').includes(scope)) return false;
      lacking(scope)(request, response);
      return true;
    };
  }

  it('[T5] opens no browser and asks the tenant for nothing, but says which it is and how to allow it', async () => {
    const connected = await here.connect();
    here.tenant.resetCounters();
    wants('read:todos');
    for (let times = 0; times < 2; times++) {
      await assert.rejects(text(connected, 'echo', { text: 'hi' }), ({ message }: Error) => {
        assert.match(message, /wants more than is allowed for it: read:todos\./);
        assert.match(message, /add "--scope", "read:todos" to the "args" of "connect"/);
        return true;
      });
    }
    assert.deepEqual(here.tenant.counters(), {});
    assert.equal(visited(), 1);
    here.remote.intercept = undefined;
    assert.equal(await text(connected, 'echo', { text: 'on' }), 'on');
  });

  it('[T5] does not ask for another scope because one is allowed', async () => {
    const connected = await here.connect(['--scope', 'read:todos']);
    here.remote.intercept = answering(Infinity, 'POST', lacking('read:todos write:todos'));
    await assert.rejects(text(connected, 'echo', { text: 'hi' }), /is allowed for it: write:todos\./);
    assert.equal(visited(), 1);
  });

  it('[T5] asks for the scope that is allowed at the first sign-in, and the call completes', async () => {
    const connected = await here.connect(['--scope', 'read:todos']);
    wants('read:todos');
    assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
    assert.equal(await text(connected, 'echo', { text: 'on' }), 'on');
    assert.match(new URL(visits(here.directory)[0] ?? '').searchParams.get('scope') ?? '', /\bread:todos\b/);
    assert.equal(visited(), 1);
  });

  for (const [what, scope] of [
    ['control characters', '\x1b]8;;evil\x07read'],
    ['another language', 'läsen'],
    ['no end', 'x'.repeat(5_000)],
  ] as const) {
    it(`[T5] offers no name with ${what}`, async () => {
      const connected = await here.connect();
      await text(connected, 'echo', { text: 'before' });
      const raw = Buffer.from(
        `HTTP/1.1 403 No\r\nwww-authenticate: Bearer error="insufficient_scope", scope="${scope}"\r\ncontent-length: 0\r\n\r\n`,
      );
      here.remote.intercept = answering(1, 'POST', (_request, response) => response.socket?.end(raw));
      await assert.rejects(text(connected, 'echo', { text: 'hi' }), ({ message }: Error) => {
        assert.ok(!message.includes(scope), message);
        return true;
      });
      assert.equal(visited(), 1);
      assert.equal(await text(connected, 'echo', { text: 'on' }), 'on');
    });
  }

  it('says so where the tenant withholds one that is allowed, and asks no more', async () => {
    const connected = await here.connect(['--scope', 'rule:world']);
    wants('rule:world');
    for (let times = 1; times <= 2; times++) {
      await assert.rejects(
        text(connected, 'echo', { text: 'hi' }),
        /does not allow this to the signed-in account/,
      );
    }
    assert.equal(visited(), 1);
  });

  it('says so where the person refuses one that is allowed', async () => {
    await signIn({ tenant: here.tenant, directory: here.directory });
    const refused = await here.connect(['--scope', 'read:todos'], { DEMO_BROWSER_PERSON: '"cancel"' });
    await assert.rejects(text(refused, 'echo', { text: 'hi' }), /The sign-in was refused/);
    assert.equal(await text(await here.connect(), 'echo', { text: 'on' }), 'on');
  });

  it('asks for nothing where the server names no scope', async () => {
    const connected = await here.connect();
    here.remote.intercept = answering(Infinity, 'POST', refusal(403));
    await assert.rejects(
      text(connected, 'echo', { text: 'hi' }),
      /does not allow this to the signed-in account/,
    );
    assert.equal(visits(here.directory).length, 1);
  });
});

describe('omnispindle connect, where tokens are short-lived,', () => {
  const here = useSurroundings();

  it('renews each before it ends', async () => {
    here.tenant.setTokenLifetime(1);
    const connected = await here.connect();
    const renewals = () => here.tenant.counters()['token:refresh_token'] ?? 0;
    while (renewals() < 3) assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
    const used = here.remote.requests.filter(({ method }) => method === 'POST');
    const changes = used.filter(({ authorization }, at) => authorization !== used[at - 1]?.authorization);
    assert.equal(changes.length, 1 + renewals());
    assert.equal(visits(here.directory).length, 1);
  });
});
