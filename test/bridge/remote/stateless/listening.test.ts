import assert from 'node:assert/strict';
import { until } from '../fixtures.ts';
import { events } from '../oddServer.ts';
import type { Json, RawClient } from '../rawClient.ts';
import { request, useModernServers } from './useModernServers.ts';

const uri = 'file:///größe';
const filter = { toolsListChanged: true, resourceSubscriptions: [uri] };
const listen = (id: unknown) => request(id, 'subscriptions/listen', { notifications: filter });

const heard = ({ messages }: RawClient) =>
  messages.flatMap(({ method }) => (method === undefined ? [] : [method]));
const acknowledged = 'notifications/subscriptions/acknowledged';
const toolsChanged = 'notifications/tools/list_changed';
const updated = 'notifications/resources/updated';

describe('[eras] omnispindle connect keeps a subscription', () => {
  const here = useModernServers();

  it('and passes what comes by it, until the client cancels it', async () => {
    const server = await here.serve();
    const { client, heard: changes } = await here.connect(server);
    const subscription = await client.listen(filter);
    assert.deepEqual(subscription.honoredFilter, filter);
    server.notify.toolsChanged();
    await until(() => changes.includes('tools'));
    server.notify.resourceUpdated(uri);
    await until(() => changes.includes(uri));
    await subscription.close();
  });

  it('open where its stream breaks, and says what may have changed in between', async () => {
    const server = await here.serve();
    const client = await here.startRaw(server);
    client.send(listen('mine'));
    await client.until(() => heard(client).includes(acknowledged));
    await server.stop();
    await server.startAgain();
    await client.until(() => heard(client).includes(updated));
    assert.deepEqual(heard(client), [acknowledged, toolsChanged, updated]);
    for (const { params } of client.messages) {
      const meta = (params as Json)['_meta'] as Json;
      assert.equal(meta['io.modelcontextprotocol/subscriptionId'], 'mine');
    }
    server.notify.toolsChanged();
    await client.until(() => heard(client).length === 4);
    assert.equal(heard(client).at(-1), toolsChanged);
  });

  it('until the server ends it', async () => {
    const server = await here.serve();
    server.answer = ({ message }, response) => {
      if (message?.['method'] !== 'subscriptions/listen') return undefined;
      response.writeHead(200, events);
      const result = { resultType: 'complete' };
      response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id: message['id'], result })}\n\n`);
      return true;
    };
    const client = await here.startRaw(server);
    client.send(listen(1));
    assert.ok((await client.answer(1))['result']);
  });

  it('and gives it up where the server does not take it any more', async () => {
    const server = await here.serve();
    const client = await here.startRaw(server);
    client.send(listen(1));
    await client.until(() => heard(client).includes(acknowledged));
    server.answer = ({ message }, response) => {
      if (message?.['method'] !== 'subscriptions/listen') return undefined;
      response.writeHead(403).end();
      return true;
    };
    server.drop();
    const { error } = await client.answer(1);
    assert.match(String((error as Json)['message']), /was lost/);
  });

  it('waiting where the token is refused, until the server takes another', async () => {
    const server = await here.serve();
    const client = await here.startRaw(server);
    client.send(listen(1));
    await client.until(() => heard(client).includes(acknowledged));
    let refused = 0;
    server.answer = ({ message }, response) => {
      if (message?.['method'] !== 'subscriptions/listen') return undefined;
      refused++;
      response.writeHead(401).end();
      return true;
    };
    server.drop();
    await until(() => refused > 0);
    server.answer = () => undefined;
    client.send(request(2, 'tools/list'));
    await client.answer(2);
    await client.until(() => heard(client).includes(updated));
    assert.equal(refused, 1);
  });
});
