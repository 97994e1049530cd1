import assert from 'node:assert/strict';
import { join } from 'node:path';
import { useUser } from '../../tenant/useTenant.ts';
import { run, visits } from '../../terminal/fixtures.ts';
import { startRawClient, type Json, type RawClient } from '../remote/rawClient.ts';

const local = join(import.meta.dirname, '..', 'local');
const _meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

describe('[eras] omnispindle run before a client of 2026-07-28, where nobody is signed in', () => {
  const clients: RawClient[] = [];
  const given = useUser(async () => {
    await Promise.all(clients.splice(0).map(client => client.stop()));
  });
  const resultOf = (answer: Json) => answer['result'] as Json;
  const names = async (client: RawClient) =>
    (resultOf(await client.call('tools/list', { _meta }))['tools'] as Json[]).map(({ name }) => name);

  function start(server: string): RawClient {
    const client = startRawClient(
      { tenant: given.tenant, directory: given.directory },
      ['--variable', 'API_TOKEN', '--', process.execPath, join(local, server)],
      { command: 'run' },
    );
    clients.push(client);
    return client;
  }

  for (const [revision, server, tool] of [
    ['2026-07-28', 'modernServer.mjs', 'pid'],
    ['2025-11-25', 'environmentServer.mjs', 'state'],
  ] as const) {
    it(`[E1] run signs in at the first call, and brings it to a server of ${revision}`, async () => {
      const client = start(server);
      const discovered = resultOf(await client.call('server/discover', { _meta }));
      assert.deepEqual(discovered['supportedVersions'], ['2026-07-28']);
      const notifications = { toolsListChanged: true };
      client.send({
        jsonrpc: '2.0',
        id: 'l',
        method: 'subscriptions/listen',
        params: { _meta, notifications },
      });
      assert.deepEqual(await names(client), ['sign_in']);
      assert.equal(visits(given.directory).length, 0);
      const answer = resultOf(await client.call('tools/call', { _meta, name: 'sign_in', arguments: {} }));
      assert.equal(answer['resultType'], 'complete');
      assert.match(JSON.stringify(answer), new RegExp(`Its tools are: .*${tool}`));
      assert.equal(visits(given.directory).length, 1);
      await client.until(() =>
        client.messages.some(({ method }) => method === 'notifications/tools/list_changed'),
      );
      assert.ok((await names(client)).includes(tool));
      const called = resultOf(await client.call('tools/call', { _meta, name: tool, arguments: {} }));
      assert.equal(called['resultType'], 'complete');
      assert.equal(
        client.messages.filter(({ method }) => method === 'notifications/subscriptions/acknowledged').length,
        1,
      );
    });
  }

  it('[E1] run tells a client of both eras the next time that the server knows the older one only', async () => {
    const first = start('environmentServer.mjs');
    await first.call('server/discover', { _meta });
    await first.call('tools/call', { _meta, name: 'state', arguments: {} });
    first.stdin.end();
    await assert.rejects(first.until(() => false));
    assert.equal((await run({ tenant: given.tenant, directory: given.directory }, 'logout')).code, 0);
    const second = start('environmentServer.mjs');
    assert.equal(((await second.call('server/discover', { _meta }))['error'] as Json)['code'], -32_601);
    await second.begin();
    assert.match(
      JSON.stringify(await second.call('tools/call', { name: 'state', arguments: {} })),
      /auth0\|ada/,
    );
    assert.equal(visits(given.directory).length, 2);
  });
});
