import assert from 'node:assert/strict';
import { LATEST_PROTOCOL_VERSION } from '@modelcontextprotocol/sdk/types.js';
import { run, visits } from '../../terminal/fixtures.ts';
import { seen } from './features.ts';
import { text, until, useSurroundings, type Connected } from './fixtures.ts';
import type { Interceptor } from './remoteServer.ts';
import { legacySessions, streamableSessions } from './sessions.ts';

const redirecting =
  (status: number, location: string): Interceptor =>
  (_request, response) => {
    response.writeHead(status, { location }).end();
    return true;
  };

for (const [name, createSessions, flags] of [
  ['Streamable HTTP', streamableSessions, []],
  ['Streamable HTTP with plain JSON', () => streamableSessions({ json: true }), []],
  ['Streamable HTTP after HTTP+SSE was tried', streamableSessions, ['--transport', 'sse-first']],
  ['HTTP+SSE after Streamable HTTP was tried', legacySessions, []],
  ['HTTP+SSE', legacySessions, ['--transport', 'sse-only']],
] as const) {
  describe(`omnispindle connect over ${name}`, () => {
    const here = useSurroundings(createSessions);

    it('signs in once and gives every request a token', async () => {
      const connected = await here.connect(flags, {}, { isSignedOut: true });
      assert.equal(visits(here.directory).length, 0);
      assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
      assert.equal(visits(here.directory).length, 1);
      assert.ok(here.remote.requests.every(({ authorization }) => authorization?.startsWith('Bearer ey')));
    });

    it('passes list changes and notifications, both ways', async () => {
      const connected = await here.connect(flags);
      const { client, heard } = connected;
      // The server's own stream stands before the first call passes.
      await text(connected, 'echo', { text: 'hi' });
      here.remote.listChanged();
      await until(() => heard.includes('changed'));
      const before = seen.rootsChanged;
      await client.sendRootsListChanged();
      await until(() => seen.rootsChanged === before + 1);
    });

    if (!name.includes('JSON')) {
      it('passes progress, logging, sampling, elicitation and roots', async () => {
        const connected = await here.connect(flags);
        const progress: number[] = [];
        const answer = await text(
          connected,
          'features',
          {},
          { onprogress: news => progress.push(news.progress) },
        );
        assert.deepEqual(JSON.parse(answer ?? ''), { model: 'test-model', action: 'decline', roots: 1 });
        assert.deepEqual(progress, [1, 2, 3]);
        assert.deepEqual(connected.heard, ['hello']);
      });
    }

    it('passes a cancellation', async () => {
      const connected = await here.connect(flags);
      const stop = new AbortController();
      const before = { ...seen };
      const called = text(connected, 'slow', { ms: 50_000 }, { signal: stop.signal });
      await until(() => seen.begun === before.begun + 1);
      stop.abort();
      await assert.rejects(called);
      await until(() => seen.cancelled === before.cancelled + 1);
      assert.equal(await text(connected, 'echo', { text: 'on' }), 'on');
    });

    it('passes an error of the server as it is', async () => {
      const { client } = await here.connect(flags);
      await assert.rejects(client.getPrompt({ name: 'nothing' }), { code: -32_601 });
    });

    it('passes 5 MB in every script, whole', async () => {
      const connected = await here.connect(flags);
      // Two, three and four bytes, and the two line ends of Unicode that are none in JSON.
      const word = 'Rocken–紡ぎ🧶\u2028\u2029|';
      const times = Math.ceil(5_000_000 / Buffer.byteLength(word));
      const answer = await text(connected, 'repeat', { text: word, times });
      assert.ok(answer === word.repeat(times));
      const most = word.repeat(name.startsWith('HTTP+SSE') ? 100_000 : times);
      assert.ok((await text(connected, 'echo', { text: most })) === most);
    });

    it('hides and refuses tools', async () => {
      const connected = await here.connect([...flags, '--ignore-tool', 'hidden*', '--ignore-tool', 'LOG']);
      const { tools } = await connected.client.listTools();
      assert.deepEqual(tools.map(tool => tool.name).sort(), [
        'echo',
        'features',
        'poll',
        'repeat',
        'slow',
        'steps',
      ]);
      await assert.rejects(text(connected, 'hidden_tool'), /turned off/);
    });
  });
}

describe('omnispindle connect', () => {
  const here = useSurroundings();

  const ends: Record<string, (connected: Connected) => unknown> = {
    goes: ({ client }) => client.close(),
    'tells it to end': ({ pid }) => process.kill(pid(), 'SIGTERM'),
  };
  for (const [how, end] of Object.entries(ends)) {
    it(`ends the session at the server when the client ${how}`, async () => {
      const connected = await here.connect();
      await text(connected, 'echo', { text: 'hi' });
      await end(connected);
      await until(() => here.remote.requests.some(({ method }) => method === 'DELETE'));
      const [session] = here.remote.requests.flatMap(({ method, headers }) =>
        method === 'DELETE' ? [headers['mcp-session-id']] : [],
      );
      assert.match(String(session), /^[\w-]{36}$/);
    });
  }

  it('says with every request, but those that begin a session, which one it is and the version agreed on', async () => {
    const connected = await here.connect();
    await text(connected, 'echo', { text: 'hi' });
    here.remote.forget();
    await text(connected, 'echo', { text: 'on' });
    await connected.client.close();
    const { requests } = here.remote;
    await until(() => requests.some(({ method }) => method === 'DELETE'));
    const said = requests.map(
      ({ headers }) => [headers['mcp-session-id'] !== undefined, headers['mcp-protocol-version']] as const,
    );
    const begun = requests.filter((_request, index) => !said[index]?.[0] && said[index]?.[1] === undefined);
    assert.equal(begun.length, 2, JSON.stringify(requests.map(({ method, headers }) => [method, headers])));
    assert.ok(
      said.every(([session, version]) => version === (session ? LATEST_PROTOCOL_VERSION : undefined)),
    );
  });

  it('never takes the token, or a header, to another origin', async () => {
    const elsewhere = await here.serve({});
    const header = ['--header', 'X-Key: S3CRET'];
    // Another port of the same host, and another host.
    for (const to of [elsewhere.url, elsewhere.url.replace('127.0.0.1', 'localhost')]) {
      const saying = new RegExp(`redirects to ${to}\\. .* connect to it itself`);
      for (const status of [301, 302, 303, 307, 308]) {
        const remote = await here.serve({});
        const redirect = redirecting(status, to);
        remote.intercept = redirect;
        await assert.rejects(here.connect(header), saying);
        remote.intercept = undefined;
        const connected = await here.connect(header);
        remote.intercept = redirect;
        await assert.rejects(text(connected, 'echo', { text: 'hi' }), saying);
      }
      const legacy = await here.serve({ sessions: legacySessions() });
      legacy.intercept = ({ method }, response) => {
        if (method !== 'GET') return false;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        return response.write(`event: endpoint\ndata: ${to}\n\n`);
      };
      await assert.rejects(here.connect([...header, '--transport', 'sse-only']), saying);
    }
    assert.deepEqual(elsewhere.requests, []);
  });

  it('takes the flags of mcp-remote for a detailed log and for proxies', async () => {
    const connected = await here.connect(['--enable-proxy', '--debug'], {}, { isSignedOut: true });
    assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
    assert.match(connected.stderr(), /Signed in as ada@example\.com/);
  });

  it('follows a redirect within the origin', async () => {
    for (const status of [307, 308]) {
      const remote = await here.serve({});
      remote.intercept = (request, response) =>
        request.url === '/mcp' && redirecting(status, '/moved')(request, response);
      const connected = await here.connect();
      assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
      assert.ok(remote.requests.some(({ path }) => path === '/moved'));
    }
  });

  it('does not follow a redirect in circles, or one that drops the message', async () => {
    for (const status of [301, 302, 303, 307]) {
      here.remote.intercept = redirecting(status, '/mcp');
      await assert.rejects(here.connect(), /redirects to .* connect to it itself/);
    }
  });

  for (const [address, saying] of [
    ['http://example.com/mcp', /only for this machine/],
    ['http://10.0.0.1:8080/mcp', /only for this machine/],
    ['https://user:S3CRET@example.com/mcp', /a password in it/],
    ['https://user:S3CRET/2@example.com/mcp', /a password in it/],
    ['http://example.com/mcp?key=S3CRET', /only for this machine/],
    ['nonsense', /not the address/],
  ] as const) {
    it(`refuses ${address.replace('S3CRET', '…')}`, async () => {
      const ran = await run({ tenant: here.tenant, directory: here.directory }, 'connect', address);
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, saying);
      assert.doesNotMatch(ran.stderr, /S3CRET/);
    });
  }
});
