import assert from 'node:assert/strict';
import { createClientCall } from '../../../src/bridge/remote/clientCall.ts';

describe('a call that waits for a sign-in', () => {
  it('tells so by progress that the server’s own, from 0 on, goes on from', () => {
    const sent: unknown[] = [];
    const params = { name: 'echo', _meta: { progressToken: 7 } };
    const { waiting } = createClientCall(
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params },
      {
        send(message) {
          sent.push(message);
          return Promise.resolve();
        },
      },
    );
    waiting?.onProgress?.({ type: 'message', message: 'Opening the browser' });
    waiting?.onProgress?.({ type: 'message', message: 'Waiting for you' });
    waiting?.stop();
    const told = sent.map(message => (message as { params: { progress: number } }).params.progress);
    assert.equal(told.length, 2);
    assert.ok(told[0]! < told[1]! && told[1]! < 0, String(told));
  });
});
