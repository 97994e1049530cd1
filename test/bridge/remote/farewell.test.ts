import assert from 'node:assert/strict';
import { json, plainResult } from './oddServer.ts';
import { useInnerClients } from './useOddServer.ts';

describe('the bridge of connect, when its client goes away,', () => {
  const here = useInnerClients();

  it('tells the server, and ends although that never answers', async () => {
    const server = await here.serve(({ method, message }, response) => {
      if (method === 'DELETE') return true;
      if (message?.['method'] !== 'initialize') return undefined;
      const answer = { jsonrpc: '2.0', id: message['id'], result: plainResult('initialize') };
      return response.writeHead(200, { ...json, 'mcp-session-id': 'wool' }).end(JSON.stringify(answer));
    });
    const client = here.connect(server, { limits: { farewell: 200 } });
    await client.begin();
    await client.stop();
    const ended = server.requests.filter(({ method }) => method === 'DELETE');
    assert.deepEqual(
      ended.map(({ headers }) => headers['mcp-session-id']),
      ['wool'],
    );
  });
});
