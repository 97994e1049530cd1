import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from './freePort.ts';

describe('a free port for a test', () => {
  it('is another one each time, and none that is in use at either address of this machine', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const port = await freePort();
      const server = createServer().listen(port + 1, host);
      await once(server, 'listening');
      assert.equal(await freePort(), port + 2);
      server.close();
      await once(server, 'close');
    }
  });
});
