import assert from 'node:assert/strict';
import { lookForServer } from '../../../src/bridge/remote/lookForServer.ts';
import { refusal, unauthorized } from './fixtures.ts';
import { startRemoteServer, type Interceptor, type RemoteServer } from './remoteServer.ts';
import { startModernServer } from './stateless/modernServer.ts';
import { legacySessions, streamableSessions } from './sessions.ts';

describe('a look for an MCP server', () => {
  let remote: RemoteServer | undefined;
  afterEach(() => remote?.stop());

  const look = (url: string) => lookForServer(url, new AbortController().signal);

  for (const [name, sessions] of [
    ['of Streamable HTTP', streamableSessions()],
    ['that answers with plain JSON', streamableSessions({ json: true })],
    ['of HTTP+SSE', legacySessions()],
  ] as const) {
    it(`finds one ${name}`, async () => {
      remote = await startRemoteServer({ sessions });
      remote.declare = (...exchange) => {
        void sessions.handle(...exchange);
        return true;
      };
      assert.equal(await look(remote.url), undefined);
    });
  }

  it('finds one that wants a token, and gives it none', async () => {
    remote = await startRemoteServer();
    remote.declare = (...exchange) => {
      unauthorized(...exchange);
      return true;
    };
    assert.equal(await look(remote.url), undefined);
    assert.equal(remote.requests.length, 0);
  });

  it('[eras] finds one of 2026, whether it calls the revision unsupported or the method unknown', async () => {
    const modern = await startModernServer();
    assert.equal(await look(modern.url), undefined);
    await modern.stop();
    remote = await startRemoteServer();
    remote.declare = (_request, response) => {
      const error = { code: -32_601, message: 'Method not found' };
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, error }));
      return true;
    };
    assert.equal(await look(remote.url), undefined);
  });

  const others: Record<string, [answer: (...args: Parameters<Interceptor>) => void, says: RegExp]> = {
    'a page': [
      (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Wool</h1>'),
      /mcp is a page, not an MCP server\.$/,
    ],
    nothing: [refusal(404), /mcp answered with status 404\.$/],
    'a way to another address': [
      refusal(307, { location: 'https://example.com/' }),
      /mcp answered with status 307\.$/,
    ],
  };
  for (const [name, [answer, says]] of Object.entries(others)) {
    it(`says what it finds instead: ${name}`, async () => {
      remote = await startRemoteServer();
      remote.declare = (...exchange) => {
        answer(...exchange);
        return true;
      };
      assert.match((await look(remote.url)) ?? '', says);
    });
  }

  it('says that nobody answers, where the server says nothing', async () => {
    remote = await startRemoteServer();
    remote.declare = () => true;
    const says = await lookForServer(remote.url, new AbortController().signal, 100);
    assert.match(says ?? '', /mcp did not answer\.$/);
  });

  it('says that nobody answers, also when it is broken off', async () => {
    remote = await startRemoteServer();
    assert.match((await lookForServer(remote.url, AbortSignal.abort())) ?? '', /mcp did not answer\.$/);
    await remote.stop();
    assert.match((await look(remote.url)) ?? '', /mcp did not answer\.$/);
  });
});
