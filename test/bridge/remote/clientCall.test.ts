import assert from 'node:assert/strict';
import { clientCall } from '../../../src/bridge/remote/clientCall.ts';
import type { Message } from '../../../src/mcp/message.ts';

describe('a call that waits for a sign-in', () => {
  it('tells so by progress that the server’s own, from 0 on, goes on from', () => {
    const sent: Message[] = [];
    const params = { name: 'echo', _meta: { progressToken: 7 } };
    const { waiting } = clientCall(
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params },
      { send: message => sent.push(message) },
    );
    waiting?.onProgress?.({ type: 'message', message: 'Opening the browser' });
    waiting?.onProgress?.({ type: 'message', message: 'Waiting for you' });
    waiting?.stop();
    const told = sent.map(
      ({ text }) => (JSON.parse(text) as { params: { progress: number } }).params.progress,
    );
    assert.equal(told.length, 2);
    assert.ok(told[0]! < told[1]! && told[1]! < 0, String(told));
  });
});
