import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, InMemoryTransport, type Transport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { createAuthorizedRequest } from '../../../src/bridge/remote/authorizedRequest.ts';
import { usualLimits } from '../../../src/bridge/remote/limits.ts';
import { createLegacySse } from '../../../src/bridge/remote/legacySse.ts';
import { createSession } from '../../../src/bridge/remote/session.ts';
import { createStatelessTransport } from '../../../src/bridge/remote/stateless/statelessTransport.ts';
import { createStreamableHttp } from '../../../src/bridge/remote/streamableHttp.ts';
import {
  rawOf,
  sendRaw,
  type RemoteOptions,
  type RemoteTransport,
} from '../../../src/bridge/remote/transport.ts';
import { createLegacyClient } from '../../../src/bridge/remote/translation/legacyClient/legacyClient.ts';
import { createIntake } from '../../../src/mcp/intake.ts';
import { parseMessages } from '../../../src/mcp/message.ts';
import { noConsent } from './consent/noConsent.ts';
import { until } from './fixtures.ts';
import { startRemoteServer, type RemoteServer } from './remoteServer.ts';
import { legacySessions, streamableSessions, type Sessions } from './sessions.ts';
import { startModernServer, type ModernServer } from './stateless/modernServer.ts';

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const info = { name: 'test', version: '1.0.0' };

async function optionsFor({ url }: { readonly url: string }): Promise<RemoteOptions> {
  const tokenSource = { getToken: () => Promise.resolve({ accessToken: 'fresh' }) };
  const address = new URL(url);
  const { request } = await createAuthorizedRequest({
    url: address,
    tokenSource,
    audience: { by: 'given' },
    headers: {},
    consent: noConsent,
    userAgent: 'test',
    log,
  });
  return { url: address, request, intake: createIntake(() => false), log, limits: usualLimits };
}

describe('the transports of connect, under the clients of the SDK', () => {
  let servers: { stop(): Promise<void> }[] = [];
  let clients: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(clients.map(client => client.close()));
    await Promise.all(servers.map(server => server.stop()));
    clients = [];
    servers = [];
  });

  async function serve(sessions: Sessions): Promise<RemoteServer> {
    const server = await startRemoteServer({ sessions });
    servers.push(server);
    return server;
  }

  async function serveModern(): Promise<ModernServer> {
    const server = await startModernServer('reject');
    servers.push(server);
    return server;
  }

  async function echoes(transport: Transport, mode: 'legacy' | 'modern' = 'legacy'): Promise<void> {
    const client = new Client(
      info,
      mode === 'modern' ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {},
    );
    clients.push(client);
    await client.connect(transport);
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name }) => name === 'echo'));
    const { content } = await client.callTool({ name: 'echo', arguments: { text: 'wool' } });
    assert.deepEqual(content, [{ type: 'text', text: 'wool' }]);
  }

  it('serve one of v2 over Streamable HTTP, and know the session until it is terminated', async () => {
    const server = await serve(streamableSessions());
    const transport = createStreamableHttp(await optionsFor(server));
    let closed = 0;
    await echoes(transport);
    assert.match(transport.sessionId ?? '', /^[\w-]{8,}$/);
    const { onclose } = transport;
    transport.onclose = () => {
      closed++;
      onclose?.();
    };
    await transport.terminateSession();
    assert.equal(server.requests.at(-1)?.method, 'DELETE');
    await transport.close();
    assert.equal(closed, 1);
    const posted = server.requests.filter(({ method }) => method === 'POST').slice(1);
    assert.ok(posted.length > 0 && posted.every(({ headers }) => headers['mcp-protocol-version']));
  });

  it('serve one of v1 over Streamable HTTP', async () => {
    const transport = createStreamableHttp(await optionsFor(await serve(streamableSessions())));
    const client = new LegacyClient(info);
    clients.push(client);
    await client.connect(transport);
    assert.ok((await client.listTools()).tools.length > 0);
  });

  it('serve one over HTTP+SSE', async () => {
    await echoes(createLegacySse(await optionsFor(await serve(legacySessions()))));
  });

  it('serve one over a session that is begun again when its server has forgotten it', async () => {
    const server = await serve(streamableSessions());
    const session = createSession({ ...(await optionsFor(server)), transport: 'http-first' });
    const client = new Client(info);
    clients.push(client);
    await client.connect(session);
    const before = session.sessionId;
    server.forget();
    assert.ok((await client.listTools()).tools.length > 0);
    assert.notEqual(session.sessionId, before);
  });

  it('serve one of the newest revision where the server keeps no session', async () => {
    const server = await serveModern();
    await echoes(createStatelessTransport(await optionsFor(server)), 'modern');
  });

  it('break a call off by its signal where the server keeps no session, and say nothing of it', async () => {
    let isBroken = false;
    const held: Server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      response.once('close', () => {
        isBroken = true;
      });
    });
    await new Promise<void>(resolve => held.listen(0, '127.0.0.1', resolve));
    servers.push({
      stop: () =>
        new Promise(resolve => {
          held.close(() => {
            resolve();
          });
          held.closeAllConnections();
        }),
    });
    const url = `http://127.0.0.1:${String((held.address() as AddressInfo).port)}/mcp`;
    const transport: RemoteTransport = createStatelessTransport(await optionsFor({ url }));
    const said: string[] = [];
    transport.onlost = () => said.push('lost');
    transport.onerror = () => said.push('error');
    await transport.start();
    const stop = new AbortController();
    const requestSignal = stop.signal;
    await transport.send({ jsonrpc: '2.0', id: 1, method: 'tools/call' }, { requestSignal });
    stop.abort();
    await until(() => isBroken);
    assert.deepEqual(said, []);
  });

  it('tell by the SDK’s onRequestStreamEnd of an answer that will not come', async () => {
    const server = await serveModern();
    const transport = createStatelessTransport(await optionsFor(server));
    await transport.start();
    const told: string[] = [];
    transport.onlost = id => told.push(`lost ${String(id)}`);
    const message = { jsonrpc: '2.0' as const, id: 'held', method: 'tools/call' };
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
      return true;
    };
    await transport.send(message, { onRequestStreamEnd: () => told.push('ended') });
    await until(() => told.length > 1);
    assert.deepEqual(told, ['ended', 'lost held']);
  });

  it('carry a message as it came, letter by letter', async () => {
    const server = await serve(streamableSessions());
    const transport = createStreamableHttp(await optionsFor(server));
    let body = '';
    server.intercept = (request, response) => {
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":7 ,"result":{"n":1.10}}'),
      );
      return true;
    };
    const texts: string[] = [];
    transport.onmessage = (message, received) => texts.push(rawOf(message, received).text);
    const line = '{ "id":7,"jsonrpc":"2.0","method":"ping","params":{"n":1e400}}';
    const [message] = parseMessages(line);
    await sendRaw(transport, message!);
    assert.equal(body, line);
    assert.deepEqual(texts, ['{"id":7 ,"result":{"n":1.10}}']);
  });

  it('take a translator between revisions for a transport, too', async () => {
    const [near, far] = InMemoryTransport.createLinkedPair();
    const translator = createLegacyClient(near, {
      discovered: { supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, serverInfo: info },
      url: new URL('https://notes.example/mcp'),
      log,
    });
    const asked: string[] = [];
    translator.onmessage = message => {
      if (!('method' in message) || !('id' in message)) return;
      asked.push(message.method);
      void translator.send({ jsonrpc: '2.0', id: message.id, result: { tools: [], resultType: 'complete' } });
    };
    await translator.start();
    const client = new Client(info);
    clients.push(client);
    await client.connect(far);
    assert.deepEqual((await client.listTools()).tools, []);
    assert.deepEqual(asked, ['tools/list']);
  });
});
