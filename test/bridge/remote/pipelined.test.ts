import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { start } from '../../terminal/fixtures.ts';
import { answerWith, events, plainResult, type OddAnswer, type OddServer } from './oddServer.ts';
import type { Json } from './rawClient.ts';
import { useOddServers } from './useOddServer.ts';

const initialize = {
  jsonrpc: '2.0',
  id: 'first',
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};
const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
const list = (id: number) => ({ jsonrpc: '2.0', id, method: 'tools/list' });
const lines = (...messages: unknown[]) => messages.map(each => `${JSON.stringify(each)}\n`).join('');

/** Takes its time with `initialize`, gives a session, and refuses whoever comes without it. */
const slow: OddAnswer = ({ message, method, headers }, response) => {
  if (message?.['method'] === 'initialize') {
    void delay(500).then(() => {
      response.setHeader('mcp-session-id', 's1');
      answerWith(response, message['id'], plainResult('initialize'));
    });
    return true;
  }
  if (headers['mcp-session-id'] === 's1' && headers['mcp-protocol-version'] === '2025-06-18') {
    if (method === 'DELETE') return response.writeHead(200).end();
    return undefined;
  }
  return response.writeHead(400).end('{"error":"Bad Request: no session"}');
};

const methods = ({ requests }: OddServer) =>
  requests
    .map(({ method, message }) => (message?.['method'] ?? method) as string)
    .filter(each => each !== 'GET');

describe('[W9] omnispindle connect, where a client does not wait for the answer to initialize,', () => {
  const here = useOddServers();

  it('sends what follows in the new session, in its order', async () => {
    const server = await here.serve(slow);
    const client = await here.connect(server);
    client.stdin.write(lines(initialize, initialized, list(1), list(2), list(3)));
    for (const id of [1, 2, 3]) {
      assert.ok((await client.answer(id))['result'], JSON.stringify(client.messages));
    }
    assert.equal(client.messages[0]?.['id'], 'first');
    assert.deepEqual(methods(server).slice(0, 2), ['initialize', 'notifications/initialized']);
    assert.equal(methods(server).length, 5);
  });

  it('sends what follows in a batch in the new session, too', async () => {
    const server = await here.serve(slow);
    const client = await here.connect(server);
    client.send(JSON.stringify([initialize, initialized, list(1)]));
    assert.ok((await client.answer(1))['result']);
    assert.deepEqual(methods(server), ['initialize', 'notifications/initialized', 'tools/list']);
  });

  it('answers what follows where the server refuses to begin', async () => {
    const server = await here.serve((_request, response) => response.writeHead(403).end());
    const client = await here.connect(server, ['--transport', 'http-only']);
    client.stdin.write(lines(initialize, initialized, list(1)));
    for (const id of ['first', 1]) assert.ok((await client.answer(id))['error']);
  });

  it('passes on the answer to a ping that the server asks for first', async () => {
    let pong: Json | undefined;
    let answer = (): unknown => undefined;
    const server = await here.serve(({ message }, response) => {
      if (message?.['method'] === 'initialize') {
        response.writeHead(200, { ...events, 'mcp-session-id': 's1' });
        response.write('data: {"jsonrpc":"2.0","id":"are you there","method":"ping"}\n\n');
        answer = () =>
          response.end(
            `data: ${JSON.stringify({ jsonrpc: '2.0', id: 'first', result: plainResult('initialize') })}\n\n`,
          );
        return true;
      }
      if (message?.['id'] !== 'are you there') return undefined;
      pong = message;
      response.writeHead(202).end();
      answer();
      return true;
    });
    const client = await here.connect(server);
    client.stdin.write(lines(initialize, initialized, list(1)));
    await client.until(() => client.messages.some(({ method }) => method === 'ping'));
    client.send({ jsonrpc: '2.0', id: 'are you there', result: {} });
    assert.ok((await client.answer(1))['result']);
    assert.deepEqual(pong?.['result'], {});
  });
});

describe('[W9] omnispindle connect, when its input ends,', () => {
  const here = useOddServers();

  async function run(server: OddServer, input: string, flags: string[] = []) {
    const env = { AUTH0_TOKEN: await here.tenant.sign({}) };
    const { tenant, directory } = here;
    const started = start({ tenant, directory, env }, 'connect', server.url, ...flags);
    started.stdin.end(input);
    const { stdout, ...ended } = await started.ended;
    return {
      ...ended,
      messages: stdout
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line) as Json),
    };
  }

  it('answers all it was asked, then ends the session', async () => {
    const server = await here.serve((request, response) => {
      const { message } = request;
      if (message?.['method'] !== 'tools/list') return slow(request, response);
      void delay(500).then(() => {
        answerWith(response, message['id'], plainResult('tools/list'));
      });
      return true;
    });
    const { code, messages } = await run(server, lines(initialize, initialized, list(1), list(2)));
    assert.deepEqual(messages.map(({ id }) => id).sort(), [1, 2, 'first']);
    for (const message of messages) assert.ok(message['result'], JSON.stringify(message));
    assert.equal(methods(server).at(-1), 'DELETE');
    assert.equal(code, 0);
  });

  it('does not wait for an answer that never comes, nor for a subscription', async () => {
    const server = await here.serve((request, response) =>
      request.message?.['id'] === 1 ? true : slow(request, response),
    );
    for (const method of ['tools/list', 'subscriptions/listen']) {
      const { code, messages } = await run(server, lines(initialize, initialized, { ...list(1), method }));
      assert.deepEqual(
        messages.map(({ id }) => id),
        ['first'],
      );
      assert.equal(methods(server).at(-1), 'DELETE');
      assert.equal(code, 0);
    }
  });

  it('ends at once where it is told to, as clients do whose patience is over', async () => {
    const server = await here.serve((request, response) =>
      request.message?.['id'] === 1 ? true : slow(request, response),
    );
    const client = await here.connect(server);
    client.stdin.write(lines(initialize, initialized, list(1)));
    while (!methods(server).includes('tools/list')) await delay(20);
    client.stdin.end();
    process.kill(client.pid, 'SIGTERM');
    await assert.rejects(client.answer(1), /It has ended/);
    assert.equal(methods(server).at(-1), 'DELETE');
  });
});
