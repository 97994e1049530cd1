import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { ServerNotification } from '@modelcontextprotocol/server';
import { createWaitingProgress } from '../../src/mcp/waitingProgress.ts';

describe('the progress of a wait', () => {
  let sent: { progress: number; message?: string }[];
  let client: AbortController;
  const extra = (progressToken?: number) => ({
    _meta: { progressToken },
    sendNotification: ({ params }: ServerNotification) => {
      sent.push(params as { progress: number; message?: string });
      return Promise.resolve();
    },
    signal: client.signal,
  });
  const messages = () => sent.map(({ message }) => message);
  beforeEach(() => {
    sent = [];
    client = new AbortController();
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  });
  afterEach(() => {
    mock.timers.reset();
  });

  it('tells news at once, and every ten seconds again, always further on', () => {
    const waiting = createWaitingProgress(extra(1));
    waiting.tell({ type: 'message', message: 'Opening the browser' });
    mock.timers.tick(5_000);
    waiting.tell({ type: 'message', message: 'Waiting for you' });
    mock.timers.tick(20_000);
    waiting.stop();
    mock.timers.tick(60_000);
    assert.deepEqual(messages(), [
      'Opening the browser',
      'Waiting for you',
      'Waiting for you',
      'Waiting for you',
    ]);
    assert.deepEqual(
      sent.map(({ progress }) => progress),
      [1, 2, 3, 4],
    );
  });

  it('goes on in the same way where the call waits once more', () => {
    const [listening, deaf] = [createWaitingProgress(extra(1)), createWaitingProgress(extra())];
    for (const waiting of [listening, deaf]) {
      waiting.tell({ type: 'message', message: 'Opening the session' });
      waiting.stop();
      waiting.tell({ type: 'message', message: 'Waiting for you' });
    }
    mock.timers.tick(50_000);
    assert.equal(messages().filter(message => message === 'Waiting for you').length, 6);
    assert.ok(deaf.signal.aborted);
    listening.stop();
  });

  it('sends progress by itself where there was no news for a second', () => {
    const waiting = createWaitingProgress(extra(1), { withoutNews: () => 'Wait' });
    mock.timers.tick(999);
    assert.deepEqual(messages(), []);
    mock.timers.tick(1);
    mock.timers.tick(10_000);
    waiting.tell({ type: 'message', message: 'News' });
    mock.timers.tick(1_000);
    assert.deepEqual(messages(), ['Wait', 'Wait', 'News']);
    waiting.stop();
  });

  it('sends none by itself where there was news, the wait was short, or no text was given', () => {
    const told = createWaitingProgress(extra(1), { withoutNews: () => 'Wait' });
    told.tell({ type: 'message', message: 'News' });
    mock.timers.tick(2_000);
    told.stop();
    const short = createWaitingProgress(extra(1), { withoutNews: () => 'Wait' });
    short.stop();
    createWaitingProgress(extra(1));
    mock.timers.tick(60_000);
    assert.deepEqual(messages(), ['News']);
  });

  it('sends nothing to a client that did not ask for progress, but ends its wait with the news', () => {
    const waiting = createWaitingProgress(extra(), { withoutNews: () => 'Wait' });
    mock.timers.tick(60_000);
    waiting.tell({ type: 'message', message: 'Opening the browser' });
    waiting.tell({ type: 'message', message: 'Waiting for you' });
    assert.equal(waiting.explain('Refused.'), 'Refused.');
    mock.timers.tick(49_999);
    assert.equal(waiting.signal.aborted, false);
    mock.timers.tick(1);
    assert.equal(waiting.signal.aborted, true);
    assert.equal(waiting.explain('Stopped.'), 'Stopped.\nWaiting for you');
    assert.deepEqual(sent, []);
  });

  it('waits as long as a client does that asked for progress, or has what it waited for', () => {
    const told = createWaitingProgress(extra(1));
    const over = createWaitingProgress(extra());
    told.tell({ type: 'message', message: 'News' });
    over.tell({ type: 'message', message: 'News' });
    over.stop();
    mock.timers.tick(600_000);
    assert.deepEqual([told.signal.aborted, over.signal.aborted], [false, false]);
    assert.equal(told.explain('Refused.'), 'Refused.');
    told.stop();
    const given = [createWaitingProgress(extra(1)), createWaitingProgress(extra())];
    client.abort();
    assert.ok(given.every(({ signal }) => signal.aborted));
  });
});
