import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decoded } from '../../../src/bridge/remote/decoding.ts';
import { discard, refusal } from '../../../src/bridge/remote/refusal.ts';

describe('the body of an answer that counts for little', () => {
  let stop: () => void = () => undefined;
  afterEach(() => {
    stop();
  });

  /** The answer of a server that writes it so. */
  async function answered(answer: (response: ServerResponse) => unknown) {
    const server = createServer((_request, response) => void answer(response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    stop = () => {
      server.close();
      server.closeAllConnections();
    };
    const { port } = server.address() as AddressInfo;
    const [response] = (await once(get({ host: '127.0.0.1', port }), 'response')) as [IncomingMessage];
    return decoded(response);
  }

  it('says why the server refused, with as much as has come where the rest never does', async () => {
    const { status, body } = await refusal(await answered(r => r.writeHead(500).write('Out of wool')), 100);
    assert.deepEqual([status, body], [500, 'Out of wool']);
  });

  it('is broken off where nobody reads it and it has no end', async () => {
    const response = await answered(r => r.writeHead(200).write('x'));
    discard(response, 100);
    await once(response, 'close');
    assert.equal(response.destroyed, true);
    assert.equal(response.complete, false);
  });
});
