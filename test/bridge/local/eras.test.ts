import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { useUser } from '../../tenant/useTenant.ts';
import { signIn } from '../../terminal/fixtures.ts';
import { startRawClient, type Json, type RawClient } from '../remote/rawClient.ts';

const _meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
};

describe('omnispindle run between the eras', () => {
  const clients: RawClient[] = [];
  const given = useUser(async () => {
    await Promise.all(clients.splice(0).map(client => client.stop()));
  });

  /** Starts `run` for a person who is signed in. */
  async function start(server: 'rawServer.mjs' | 'modernServer.mjs'): Promise<RawClient> {
    await signIn({ tenant: given.tenant, directory: given.directory });
    const env = { HEARD: join(given.directory, 'heard') };
    const client = startRawClient(
      { tenant: given.tenant, directory: given.directory, env },
      ['--variable', 'API_TOKEN', '--', process.execPath, join(import.meta.dirname, server)],
      { command: 'run' },
    );
    clients.push(client);
    return client;
  }
  const heard = () => readFileSync(join(given.directory, 'heard'), 'utf8');
  const resultOf = (answer: Json) => answer['result'] as Json;
  const acknowledged = (client: RawClient) =>
    client.messages.filter(({ method }) => method === 'notifications/subscriptions/acknowledged');
  function listen(client: RawClient, id: string): void {
    const params = { _meta, notifications: { toolsListChanged: true } };
    client.send({ jsonrpc: '2.0', id, method: 'subscriptions/listen', params });
  }
  /** Calls until another process answers. @returns the first call's and that one's answer */
  async function untilRestarted(client: RawClient): Promise<Json[]> {
    const before = resultOf(await client.call('state', { _meta }));
    for (;;) {
      const after = resultOf(await client.call('state', { _meta }));
      assert.ok(after['good']);
      if (after['pid'] !== before['pid']) return [before, after];
      await delay(100);
    }
  }

  it('[era] run passes a client and a server of 2026-07-28, which knows no initialize', async () => {
    const client = await start('modernServer.mjs');
    const discovered = resultOf(await client.call('server/discover', { _meta }));
    assert.deepEqual(discovered['supportedVersions'], ['2026-07-28']);
    const asks = resultOf(await client.call('tools/call', { _meta, name: 'ask', arguments: {} }));
    assert.equal(asks['resultType'], 'input_required');
    const inputResponses = { colour: { action: 'accept', content: { colour: 'red' } } };
    const { requestState } = asks;
    const again = { _meta, name: 'ask', arguments: {}, inputResponses, requestState };
    assert.match(JSON.stringify(resultOf(await client.call('tools/call', again))), /red/);
    const without = await client.call('tools/list', {});
    assert.ok('error' in without);
  });

  it('[era] run starts a server of 2026-07-28 again, which asks for nothing to be said again', async () => {
    given.tenant.setTokenLifetime(3);
    const client = await start('modernServer.mjs');
    const pid = async () =>
      JSON.stringify(
        resultOf(await client.call('tools/call', { _meta, name: 'pid', arguments: {} }))['content'],
      );
    listen(client, 'listen');
    await client.until(() => acknowledged(client).length === 1);
    const before = await pid();
    given.tenant.setTokenLifetime(3_600);
    while ((await pid()) === before) await delay(100);
    await client.call('tools/call', { _meta, name: 'change', arguments: {} });
    await client.until(() =>
      client.messages.some(({ method }) => method === 'notifications/tools/list_changed'),
    );
    assert.equal(acknowledged(client).length, 1);
    assert.ok(!client.messages.some(({ id }) => id === 'listen'), 'The subscription has ended.');
  });

  it('[era] run starts a server again although a subscription is open, and makes it again unseen', async () => {
    given.tenant.setTokenLifetime(3);
    const client = await start('rawServer.mjs');
    await client.call('server/discover', { _meta });
    for (const id of ['kept', 'cancelled']) listen(client, id);
    await client.until(() => acknowledged(client).length === 2);
    client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'cancelled' } });
    given.tenant.setTokenLifetime(3_600);
    const [, after] = await untilRestarted(client);
    assert.deepEqual(resultOf(await client.call('change', { _meta })), { listens: ['kept'] });
    assert.equal(acknowledged(client).length, 2);
    const pid = String(after?.['pid']);
    const said = heard()
      .split('\n')
      .filter(line => line.startsWith(pid))
      .map(line => line.slice(pid.length + 1));
    assert.deepEqual(said.slice(0, 1), ['subscriptions/listen "kept"']);
    assert.ok(!said.some(line => /initialize|discover|cancelled/.test(line)), said.join('\n'));
    assert.ok(
      !client.messages.some(({ id, method }) => id === 'kept' || method === 'notifications/cancelled'),
    );
    await client.call('endListen', { _meta });
    assert.equal((await client.answer('kept'))['error'], undefined);
  });

  it('[era] run gives a server its next token while only a subscription is open', async () => {
    given.tenant.setTokenLifetime(8);
    const client = await start('rawServer.mjs');
    listen(client, 'only');
    await client.until(() => acknowledged(client).length === 1);
    given.tenant.setTokenLifetime(3_600);
    while (
      heard()
        .split('\n')
        .filter(line => line.endsWith('subscriptions/listen "only"')).length < 2
    ) {
      await delay(50);
    }
    const { good } = resultOf(await client.call('state', { _meta }));
    assert.ok(good);
    assert.equal(acknowledged(client).length, 1);
  });

  it('[era] run lets a client of both eras try the older one where the server knows no other', async () => {
    const client = await start('rawServer.mjs');
    const refusal = '{"id":"probe","error":{"message":"Method not found","code":-32601},"jsonrpc":"2.0"}';
    client.send({ jsonrpc: '2.0', id: 'probe', method: 'line', params: { _meta, line: refusal } });
    assert.deepEqual((await client.answer('probe'))['error'], { message: 'Method not found', code: -32_601 });
    assert.equal(resultOf(await client.begin())['protocolVersion'], '2025-06-18');
    assert.ok(resultOf(await client.call('state'))['good']);
  });
});
