import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { events, json, type OddAnswer } from './oddServer.ts';
import { assertWellFormed, saying, useInnerClients, useOddServers } from './useOddServer.ts';
import type { Json, RawClient } from './rawClient.ts';

const html = { 'content-type': 'text/html; charset=utf-8' };
const problem = { 'content-type': 'application/problem+json' };
const rpc = (id: unknown, message: string) =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_603, message, data: { wool: 1 } } });

/** What refuses a call: how, and what the client is to hear. */
const refusals: Record<string, [(response: ServerResponse) => unknown, RegExp]> = {
  'words as error': [r => r.writeHead(500, json).end('{"error":"Out of wool"}'), /500.*Out of wool/],
  'a status as error': [
    r => r.writeHead(502, json).end('{"error":{"status":502}}'),
    /status 502\. Try again in a moment\.$/,
  ],
  'an error in an error': [
    r => r.writeHead(400, json).end('{"error":{"error":{"reason":"knots"}}}'),
    /400.*knots/,
  ],
  'a list of errors': [
    r => r.writeHead(422, json).end('{"errors":[{"detail":"too thin"}]}'),
    /422.*too thin/,
  ],
  'a list of details': [
    r => r.writeHead(422, json).end('{"detail":[{"loc":["body"],"msg":"field required"}]}'),
    /422.*field required/,
  ],
  'problem details': [
    r =>
      r
        .writeHead(409, problem)
        .end('{"type":"about:blank","title":"Conflict","status":409,"detail":"Spun twice"}'),
    /409.*Conflict: Spun twice/,
  ],
  'a page': [
    r =>
      r.writeHead(502, html).end('<html><title>502 Bad Gateway</title><h1>502 Bad &amp; Gateway</h1></html>'),
    /502.*502 Bad Gateway/,
  ],
  'the page of a firewall': [
    r =>
      r
        .writeHead(403, html)
        .end('<html><script>x()</script><title>403</title><body>Request blocked: NoUserAgent</body></html>'),
    /403.*Request blocked: NoUserAgent/,
  ],
  'plain words': [
    r => r.writeHead(500, { 'content-type': 'text/plain' }).end('Too\n\u202Emuch'),
    /500.*Too much$/,
  ],
  'no words': [r => r.writeHead(418).end(), /status 418/],
  'a picture': [
    r => r.writeHead(500).end(Buffer.from([0x89, 0x50, 0, 0xff, 0xfe])),
    /status 500\. Try again in a moment\.$/,
  ],
  'words without an end': [r => r.writeHead(500).end('knot '.repeat(9_000)), /^.{0,700}…$/s],
  'an error without an id': [r => r.writeHead(500, json).end(rpc(null, 'Boom')), /500.*Boom/],
  'an error for nobody': [r => r.writeHead(400, json).end(rpc('server-error', 'Boom')), /400.*Boom/],
  'an error in a stream': [
    r => r.writeHead(400, events).end(`event: message\ndata: ${rpc(null, 'Boom')}\n\n`),
    /400.*Boom/,
  ],
  'an error in a stream that stays open': [
    r => r.writeHead(503, { ...events, 'retry-after': '60' }).write(`data: ${rpc(null, 'Boom')}\n\n`),
    /503.*try again in 60 s\. .*Boom/,
  ],
  'seconds to wait': [
    r => r.writeHead(429, { ...json, 'retry-after': '30' }).end('{"message":"slow down"}'),
    /429.*try again in 30 s\. .*slow down/,
  ],
  'a date to wait for': [
    r => r.writeHead(503, { 'retry-after': new Date(Date.now() + 5 * 60_000).toUTCString() }).end(),
    /503.*try again in [45] minutes/,
  ],
  'a wait without an end': [
    r => r.writeHead(429, { 'retry-after': '9999999999' }).end(),
    /429.*try again in 1440 minutes/,
  ],
  'a wait that is none': [r => r.writeHead(429, { 'retry-after': '-1' }).end(), /429.*Try again in a moment/],
  'words with its challenge': [
    r =>
      r.writeHead(403, { 'www-authenticate': 'Bearer error="x", error_description="Only on Mondays"' }).end(),
    /403.*Only on Mondays/,
  ],
  'an error for nobody with status 200': [
    r => r.writeHead(200, json).end(rpc('server-error', 'Boom')),
    /Boom/,
  ],
  'an error for nobody in a stream with status 200': [
    r => r.writeHead(200, events).end(`data: ${rpc('server-error', 'Boom')}\n\n`),
    /Boom/,
  ],
};

describe('[W1] omnispindle connect says what a server says that refuses a call with', () => {
  const here = useInnerClients();

  for (const [what, [refuse, says]] of Object.entries(refusals)) {
    it(what, async () => {
      const server = await here.serve(({ message }, response) => {
        if (message?.['method'] !== 'tools/call') return undefined;
        refuse(response);
        return true;
      });
      const client = here.connect(server);
      await client.begin();
      const said = await client.call('tools/call', { name: 'x' });
      assertWellFormed(said, said['id']);
      assert.match(saying(said), says);
      assert.ok((await client.call('tools/list'))['result']);
      const posts = server.requests.filter(({ message }) => message?.['method'] === 'tools/call');
      assert.equal(posts.length, 1);
    });
  }

  it('words at its address, where there is no server at all', async () => {
    const server = await here.serve((_request, response) => {
      response.writeHead(404, json).end('{"error":"Not Found"}');
      return true;
    });
    const client = here.connect(server);
    assert.match(saying(await client.begin()), /no MCP server at that address \(status 404\).*Not Found/);
  });

  it('an error that answers the very call, as it came', async () => {
    const server = await here.serve(({ message }, response) => {
      if (message?.['method'] !== 'tools/call') return undefined;
      response.writeHead(400, json).end(rpc(message['id'], 'No such tool'));
      return true;
    });
    const client = here.connect(server);
    await client.begin();
    const { error } = await client.call('tools/call', { name: 'x' });
    assert.deepEqual(error, { code: -32_603, message: 'No such tool', data: { wool: 1 } });
  });
});

describe('[W1] omnispindle connect says what a server says that refuses a call, but not', () => {
  const here = useOddServers();

  it('its own token', async () => {
    let token = '';
    const server = await here.serve(({ message, headers }, response) => {
      if (message?.['method'] !== 'tools/call') return undefined;
      token = String(headers.authorization).replace('Bearer ', '');
      response.writeHead(500, json).end(JSON.stringify({ error: `You sent Bearer ${token}` }));
      return true;
    });
    const client = await here.connect(server);
    await client.begin();
    const said = saying(await client.call('tools/call', { name: 'x' }));
    assert.match(said, /You sent/);
    assert.ok(token.length > 100 && !said.includes(token.slice(0, 40)), said);
  });
});

describe('[W1] omnispindle connect --debug', () => {
  const here = useOddServers();

  async function debugged(answer: OddAnswer): Promise<{ client: RawClient; said: Json }> {
    const server = await here.serve(answer);
    server.url += '?key=S3CRET-query';
    const client = await here.connect(
      server,
      ['--debug', '--header', 'X-Key: S3CRET-own', '--header', 'Accept-Language: S3CRET-too'],
      {},
    );
    await client.begin();
    return { client, said: await client.call('tools/call', { name: 'x' }) };
  }

  it('shows every exchange without what is secret in it', async () => {
    const { client } = await debugged(({ message }, response) => {
      response.setHeader('set-cookie', 'id=S3CRET-cookie');
      response.setHeader('mcp-session-id', 'S3CRET-session');
      if (message?.['method'] !== 'tools/call') return undefined;
      response.writeHead(502, { ...json, 'retry-after': '7', server: 'loom/1' }).end('{}');
      return true;
    });
    const shown = client.stderr();
    assert.match(shown, /POST \/mcp\?… \(.*was answered with 502 \(.*retry-after: 7/);
    assert.match(shown, /server: loom\/1/);
    assert.match(shown, /user-agent: omnispindle\//);
    assert.match(shown, /values not shown of .*x-key.*authorization/);
    assert.doesNotMatch(shown, /S3CRET|eyJ/);
  });
});
