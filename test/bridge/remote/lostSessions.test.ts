import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { events, json, plainResult, type OddAnswer, type OddRequest } from './oddServer.ts';
import { assertWellFormed, saying, useInnerClients } from './useOddServer.ts';

type Refuse = (response: ServerResponse, id: unknown) => unknown;

const rpc = (id: unknown, message: string, code = -32_000) =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });
const isCall = ({ message }: OddRequest) => message?.['method'] === 'tools/call';

/** A server that forgets its session before the first call, and says so in that way to whatever comes of that one. */
function forgetful(say: Refuse): OddAnswer {
  let known: string | undefined;
  let isForgotten = false;
  return (request, response) => {
    const { message, headers } = request;
    if (message?.['method'] === 'initialize') {
      response.setHeader('mcp-session-id', (known = randomUUID()));
      return undefined;
    }
    if (isCall(request) && !isForgotten) {
      isForgotten = true;
      known = undefined;
    }
    if (headers['mcp-session-id'] === known) return undefined;
    say(response, message?.['id'] ?? null);
    return true;
  };
}

const sayings: Record<string, Refuse> = {
  'status 404': r => r.writeHead(404).end(),
  'status 410': r => r.writeHead(410).end(),
  '400 and "Server not initialized"': r =>
    r.writeHead(400, json).end(rpc(null, 'Bad Request: Server not initialized')),
  '400 and "No valid session ID"': r =>
    r.writeHead(400, json).end('{"error":"Bad Request: No valid session ID provided"}'),
  '400 and "Invalid or missing session ID" in words': r =>
    r.writeHead(400).end('Invalid or missing session ID'),
  '400 and "Mcp-Session-Id header is required"': r =>
    r.writeHead(400, json).end(rpc(null, 'Bad Request: Mcp-Session-Id header is required')),
  '400 and "Missing session ID" in a stream': r =>
    r.writeHead(400, events).write(`data: ${rpc('server-error', 'Bad Request: Missing session ID')}\n\n`),
  '401 and "Session not found"': r => r.writeHead(401).end('Unauthorized: Session not found'),
  '409 and "session terminated"': r => r.writeHead(409, json).end('{"detail":"The session was terminated"}'),
  '422 and "expect initialize request"': r =>
    r.writeHead(422).end('Unexpected message, expect initialize request'),
  '500 and "unknown session"': r => r.writeHead(500, json).end('{"message":"Unknown session id"}'),
  'an error -32001 "Session not found"': (r, id) =>
    r.writeHead(200, json).end(rpc(id, 'Session not found', -32_001)),
  'an error -32000 "Server not initialized" without an id': r =>
    r.writeHead(200, json).end(rpc(null, 'Bad Request: Server not initialized')),
  'an error -32600 "Session expired" in a stream': (r, id) =>
    r.writeHead(200, events).end(`data: ${rpc(id, 'Session abc-1 has expired.', -32_600)}\n\n`),
  'an error -32600 "Invalid session" in a stream that stays open': (r, id) =>
    r.writeHead(200, events).write(`data: ${rpc(id, 'Invalid session ID', -32_600)}\n\n`),
};

describe('[W2] omnispindle connect begins again by itself, once, where a server has forgotten the session and says', () => {
  const here = useInnerClients();

  for (const [what, say] of Object.entries(sayings)) {
    it(what, async () => {
      const server = await here.serve(forgetful(say));
      const client = here.connect(server);
      await client.begin();
      const answer = await client.call('tools/call', { name: 'x' });
      assertWellFormed(answer, answer['id']);
      assert.deepEqual(answer['result'], plainResult('tools/call'));
      const seen = server.requests
        .filter(({ method }) => method === 'POST')
        .map(({ message }) => message?.['method']);
      assert.equal(seen.filter(method => method === 'initialize').length, 2);
      assert.equal(seen.filter(method => method === 'tools/call').length, 2);
    });
  }

  it('status 401, without taking it for one about the token', async () => {
    const server = await here.serve(forgetful(r => r.writeHead(401).end('Unauthorized: Session not found')));
    const client = here.connect(server, { debug: true });
    await client.begin();
    assert.ok((await client.call('tools/call', { name: 'x' }))['result']);
    // With the refused token asked for again it would have ended here: there is no other one.
    assert.doesNotMatch(client.stderr(), /does not accept the token/);
  });

  it('that of every session, with one new session for each call', async () => {
    const server = await here.serve((request, response) => {
      if (!isCall(request)) return undefined;
      response.writeHead(200, json).end(rpc(request.message?.['id'], 'Session not found', -32_001));
      return true;
    });
    const client = here.connect(server);
    await client.begin();
    assert.match(saying(await client.call('tools/call', { name: 'x' })), /Session not found/);
    assert.equal(server.requests.filter(isCall).length, 2);
  });
});

describe('[W2] omnispindle connect sends a call once where', () => {
  const here = useInnerClients();

  const answers: Record<string, Refuse> = {
    'a tool’s result speaks of a session': (r, id) =>
      r.writeHead(200, json).end(
        JSON.stringify({
          jsonrpc: '2.0',
          id,
          result: { isError: true, content: [{ type: 'text', text: 'Session not found' }] },
        }),
      ),
    'a tool’s error speaks of a session of its own': (r, id) =>
      r.writeHead(200, json).end(rpc(id, 'Browser session not found')),
    'a tool’s error has a code of the tools': (r, id) =>
      r.writeHead(200, json).end(rpc(id, 'Session not found', -32_603)),
    'an error only mentions a session': (r, id) =>
      r.writeHead(200, json).end(rpc(id, 'The wool is gone; 3 lines of the log say: session not found')),
    'something of it has run before': (r, id) =>
      r
        .writeHead(200, events)
        .end(
          `data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}\n\ndata: ${rpc(id, 'Session not found', -32_001)}\n\n`,
        ),
    'a firewall speaks of the login': r => r.writeHead(403).end('Your login session has expired'),
    'the token is refused in words of a session': r =>
      r.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end('Session expired'),
    'the method is not known': (r, id) => r.writeHead(404, json).end(rpc(id, 'Method not found', -32_601)),
  };

  for (const [what, answer] of Object.entries(answers)) {
    it(what, async () => {
      const server = await here.serve((request, response) => {
        if (!isCall(request)) return undefined;
        answer(response, request.message?.['id']);
        return true;
      });
      const client = here.connect(server);
      await client.begin();
      const said = await client.call('tools/call', { name: 'x' });
      assertWellFormed(said, said['id']);
      assert.equal(server.requests.filter(isCall).length, 1);
      const begun = server.requests.filter(({ message }) => message?.['method'] === 'initialize');
      assert.equal(begun.length, 1);
    });
  }
});
