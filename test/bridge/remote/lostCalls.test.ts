import assert from 'node:assert/strict';
import { events } from './oddServer.ts';
import { saying, useInnerClients } from './useOddServer.ts';

describe('[W8b] omnispindle connect, where a call is lost on a server without sessions,', () => {
  const here = useInnerClients();

  for (const [what, status] of [
    ['does not know a GET', 405],
    ['has nothing at a GET', 404],
    ['finds a GET wrong', 400],
    ['cannot answer a GET in a way that is taken', 406],
    ['has no GET yet', 501],
  ] as const) {
    it(`says in one line that it is lost where the server ${what}, and blames nothing else`, async () => {
      const server = await here.serve(({ method, message }, response) => {
        if (method === 'GET') {
          response.writeHead(status).end('No.');
          return true;
        }
        if (message?.['method'] !== 'tools/call') return undefined;
        response.writeHead(200, events).write('id: 1\nretry: 250\ndata:\n\n');
        setTimeout(() => response.destroy(), 100);
        return true;
      });
      const client = here.connect(server);
      await client.begin();
      const said = saying(await client.call('tools/call', { name: 'echo' }));
      const { origin } = new URL(server.url);
      assert.equal(said, `The connection to ${origin} was lost before the answer came. Try again.`);
      assert.doesNotMatch(client.stderr(), /no MCP server at that address/);
      assert.ok((await client.call('tools/list'))['result']);
    });
  }
});

describe('[W8b] omnispindle connect --transport sse-first,', () => {
  const here = useInnerClients();

  it('begins by the other transport where every GET is refused with the token, and blames no token', async () => {
    const server = await here.serve(
      ({ method }, response) => method === 'GET' && response.writeHead(401).end(),
    );
    const client = here.connect(server, { transport: 'sse-first' });
    assert.ok((await client.begin())['result']);
    assert.ok((await client.call('tools/list'))['result']);
    assert.doesNotMatch(client.stderr(), /token/);
  });
});
