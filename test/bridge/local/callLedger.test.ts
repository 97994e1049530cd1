import assert from 'node:assert/strict';
import { createCallLedger } from '../../../src/bridge/local/callLedger.ts';
import { readLineMessages } from '../../../src/bridge/local/lineMessage.ts';

function request(id: string, method: string) {
  const [message] = readLineMessages(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method })));
  return [{ id, method }, message!] as const;
}

describe('the ledger of calls under way', () => {
  it('is idle only while nobody waits for an answer, in either direction', () => {
    const calls = createCallLedger();
    assert.equal(calls.isIdle(), true);
    calls.add(...request('one', 'tools/call'));
    assert.equal(calls.isIdle(), false);
    calls.asked.add('of the server');
    calls.delete('one');
    assert.equal(calls.isIdle(), false);
    calls.asked.delete('of the server');
    assert.equal(calls.isIdle(), true);
  });

  it('counts an open subscription as an answer to come, and not as a call under way', () => {
    const calls = createCallLedger();
    calls.add(...request('news', 'subscriptions/listen'));
    assert.equal(calls.isIdle(), true);
    assert.equal(calls.has('news'), true);
    assert.deepEqual(calls.subscriptions.lines().map(String), [
      '{"jsonrpc":"2.0","id":"news","method":"subscriptions/listen"}',
    ]);
    calls.delete('news');
    assert.equal(calls.has('news'), false);
  });

  it('takes an answer without a known id for one to a call, and to a subscription where there is no call', () => {
    const calls = createCallLedger();
    calls.add(...request('news', 'subscriptions/listen'));
    assert.deepEqual(calls.ids(), ['news']);
    calls.add(...request('one', 'tools/call'));
    assert.deepEqual(calls.ids(), ['one']);
  });

  it('names everything that the server owes once when it forgets it', () => {
    const calls = createCallLedger();
    calls.add(...request('one', 'tools/call'));
    calls.add(...request('news', 'subscriptions/listen'));
    assert.deepEqual(calls.takeAll(), ['one', 'news']);
    assert.deepEqual(calls.takeAll(), []);
    assert.equal(calls.isIdle(), true);
  });
});
