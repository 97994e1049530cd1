import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { events, json, plainResult, type OddAnswer, type OddServer } from './oddServer.ts';
import { saying, useInnerClients, useOddServers } from './useOddServer.ts';
import { describeNeeds } from '../../needs.ts';

/** A server of HTTP+SSE that answers what is posted to its address in that way. */
function legacy(toPost: (response: ServerResponse) => unknown): OddAnswer {
  let stream: ServerResponse | undefined;
  return ({ method, path, message }, response) => {
    if (method === 'GET') {
      stream = response;
      response.writeHead(200, events).write('event: endpoint\ndata: /messages?id=1\n\n');
    } else if (path.startsWith('/messages')) {
      response.writeHead(202).end('Accepted');
      if (message?.['id'] !== undefined) {
        stream?.write(
          `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: message['id'], result: plainResult(String(message['method'])) })}\n\n`,
        );
      }
    } else {
      toPost(response);
    }
    return true;
  };
}

const html = { 'content-type': 'text/html' };

describe('[W5] omnispindle connect finds the HTTP+SSE transport where the server answers a POST', () => {
  const here = useInnerClients();

  for (const [what, toPost] of [
    ...[400, 401, 403, 404, 405, 406, 410, 415, 422, 500, 501].map(
      status => [`with status ${String(status)}`, (r: ServerResponse) => r.writeHead(status).end()] as const,
    ),
    [
      'with a stream that begins with "endpoint"',
      (r: ServerResponse) => r.writeHead(200, events).write('event: endpoint\ndata: /messages?id=2\n\n'),
    ],
    ['with a page', (r: ServerResponse) => r.writeHead(200, html).end('<h1>Looms</h1>')],
    ['with an empty body', (r: ServerResponse) => r.writeHead(200).end()],
    ['with words', (r: ServerResponse) => r.writeHead(200, json).end('"OK"')],
    ['by taking it without an answer', (r: ServerResponse) => r.writeHead(202).end()],
    ['with a redirect to a page', (r: ServerResponse) => r.writeHead(302, { location: '/login' }).end()],
  ] as const) {
    it(what, async () => {
      const client = here.connect(await here.serve(legacy(toPost)));
      assert.ok((await client.begin())['result']);
      assert.ok((await client.call('tools/list'))['result']);
    });
  }

  it('whichever is tried first', async () => {
    const server = await here.serve(legacy(r => r.writeHead(405).end()));
    const client = here.connect(server, { transport: 'sse-first', limits: { endpoint: 500 } });
    assert.ok((await client.begin())['result']);
  });
});

describe('[W5] omnispindle connect --transport sse-first finds Streamable HTTP where the server answers a GET', () => {
  const here = useInnerClients();

  for (const [what, toGet] of [
    ...[400, 401, 403, 404, 405, 406, 410, 415, 500, 501].map(
      status => [`with status ${String(status)}`, (r: ServerResponse) => r.writeHead(status).end()] as const,
    ),
    ['with a page', (r: ServerResponse) => r.writeHead(200, html).end('<h1>Looms</h1>')],
    ['with a stream that ends', (r: ServerResponse) => r.writeHead(200, events).end()],
    ['with a redirect to a page', (r: ServerResponse) => r.writeHead(302, { location: '/docs' }).end()],
    ['not at all', () => undefined],
  ] as const) {
    it(what, async () => {
      let isFirst = true;
      const server = await here.serve(({ method }, response) => {
        if (method !== 'GET' || !isFirst) return undefined;
        isFirst = false;
        toGet(response);
        return true;
      });
      const client = here.connect(server, { transport: 'sse-first', limits: { endpoint: 500 } });
      assert.ok((await client.begin())['result']);
      assert.ok((await client.call('tools/list'))['result']);
    });
  }
});

describeNeeds(['OpenSSL'], '[W5] omnispindle connect, where a redirect loses the s of https,', () => {
  const here = useOddServers();

  /** A server behind TLS that redirects so. @returns its address */
  async function secure(location: (host: string) => string): Promise<OddServer & { ca: string }> {
    const at = (name: string) => join(here.directory, name);
    execFileSync(
      'openssl',
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ${at('k.pem')} -out ${at('c.pem')}`.split(
        ' ',
      ),
      { stdio: 'ignore' },
    );
    const server = createServer(
      { key: readFileSync(at('k.pem')), cert: readFileSync(at('c.pem')) },
      (request, response) => {
        request.resume();
        response.writeHead(307, { location: location(request.headers.host ?? '') }).end();
      },
    );
    servers.push(server);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const url = `https://localhost:${String((server.address() as AddressInfo).port)}/mcp`;
    return { url, requests: [], answer: () => undefined, stop: () => Promise.resolve(), ca: at('c.pem') };
  }
  let servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    servers = [];
  });

  const trusting = (ca: string) => ({ env: { NODE_EXTRA_CA_CERTS: ca } });

  for (const [what, location] of [
    ['with its port', (host: string) => `http://${host}/mcp/?key=1`],
    ['without its port', () => 'http://localhost/mcp/'],
    ['with the port behind TLS', () => 'http://localhost:8000/mcp/'],
  ] as const) {
    it(`names the address that is meant, ${what}, and goes nowhere`, async () => {
      const server = await secure(location);
      const client = await here.connect(server, [], trusting(server.ca));
      const said = saying(await client.begin());
      assert.ok(said.includes(`Connect to ${server.url}/ itself`), said);
      assert.doesNotMatch(said, /key=1/);
    });
  }

  it('says that the redirect must be corrected where the address is the same', async () => {
    const server = await secure(host => `http://${host}/mcp`);
    const client = await here.connect(server, [], trusting(server.ca));
    assert.match(saying(await client.begin()), /the same without the s of https.*correct its redirects/);
  });

  it('names no other host as the right one', async () => {
    const server = await secure(() => 'http://evil.example/mcp/');
    const client = await here.connect(server, [], trusting(server.ca));
    const said = saying(await client.begin());
    assert.match(said, /redirects to http:\/\/evil\.example\/mcp\//);
    assert.doesNotMatch(said, /https:\/\/evil/);
  });
});
