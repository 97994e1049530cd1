import assert from 'node:assert/strict';
import { createHttpApp, defaultLimits } from '../../../src/server/http/app.ts';
import { createFixtureServer } from '../../conformance/fixtures/server.ts';
import { audience, callOf, mcpRequest, resultOf, useHttpApp } from './fixtures.ts';

describe('a call of the eras before 2026-07-28', () => {
  const given = useHttpApp();
  /** Messages as a client sends them that may send several at once. */
  async function send(messages: unknown, signal?: AbortSignal): Promise<Request> {
    const { headers } = callOf('whoami', {}, { token: await given.sign(), era: '2025' });
    headers.set('mcp-protocol-version', '2025-03-26');
    const body = JSON.stringify(messages);
    return new Request(audience, { method: 'POST', headers, body, ...(signal && { signal }) });
  }
  const whoami = (id: number | string) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'whoami', arguments: {} },
  });
  const typeOf = ({ headers }: Response) => headers.get('content-type');

  it('is answered in JSON, and no stream is opened for it', async () => {
    const token = await given.sign();
    for (const [method, params] of [
      ['tools/call', { name: 'whoami', arguments: {} }],
      ['tools/call', { name: 'whoami', arguments: {}, _meta: { progressToken: 1 } }],
      ['tools/call', { name: 'get_todo', arguments: { todo_id: 'none' } }],
      ['tools/list', {}],
      ['ping', {}],
      ['no/such', {}],
      [
        'initialize',
        { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
      ],
    ] as const) {
      const response = await given.app.fetch(mcpRequest(method, params, { token, era: '2025' }));
      assert.equal(response.status, 200, method);
      assert.equal(typeOf(response), 'application/json', method);
      const { jsonrpc, id, ...answer } = (await response.json()) as Record<string, unknown>;
      assert.deepEqual([jsonrpc, id], ['2.0', 1]);
      assert.deepEqual(Object.keys(answer), [method === 'no/such' ? 'error' : 'result']);
    }
  });

  it('is answered with what else was sent at once, each by its id', async () => {
    const note = { jsonrpc: '2.0', method: 'notifications/initialized' };
    const response = await given.app.fetch(await send([whoami('a'), note, whoami(2)]));
    assert.equal(typeOf(response), 'application/json');
    const answers = (await response.json()) as { id: unknown; result: { isError?: boolean } }[];
    assert.deepEqual(
      answers.map(({ id, result }) => [id, result.isError]),
      [
        ['a', undefined],
        [2, undefined],
      ],
    );
    const noted = await given.app.fetch(await send([note, note]));
    assert.equal(noted.status, 202);
    assert.equal(await noted.text(), '');
  });

  it('holds a place no longer than its client waits, also where it was cancelled and has no answer', async () => {
    const app = createHttpApp({
      ...given.options,
      limits: { ...defaultLimits, concurrency: { overall: 1, perAccount: 1 } },
    });
    try {
      const client = new AbortController();
      const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
      const left = app.fetch(await send([whoami(1), cancelled], client.signal));
      const token = await given.sign();
      await new Promise(setImmediate);
      client.abort();
      assert.equal((await left).status, 499);
      await app.idle();
      assert.equal((await app.fetch(callOf('whoami', {}, { token, era: '2025' }))).status, 200);
      const gone = await app.fetch(await send(whoami(1), AbortSignal.abort()));
      assert.equal(gone.status, 499);
      await app.idle();
    } finally {
      await app.close();
    }
  });

  it('is answered by a stream where its server sends more than the answer', async () => {
    const app = createHttpApp({ ...given.options, createServer: createFixtureServer });
    try {
      const call = callOf('test_tool_with_progress', {}, { token: await given.sign(), era: '2025' });
      const response = await app.fetch(call);
      assert.match(typeOf(response) ?? '', /^text\/event-stream/);
      assert.ok(await resultOf(response));
    } finally {
      await app.close();
    }
  });

  it('is answered where its client takes both types, however it says so, and 406 else', async () => {
    const token = await given.sign();
    const status = async (accept: string) =>
      (await given.app.fetch(mcpRequest('ping', {}, { token, era: '2025', headers: { accept } }))).status;
    for (const accept of [
      '*/*',
      'text/html, */*;q=0.1',
      'application/*, text/*',
      'Application/JSON, Text/Event-Stream',
      'text/event-stream;q=0.9,application/json;q=1',
      'application/json, text/*; q=0.5',
    ]) {
      assert.equal(await status(accept), 200, accept);
    }
    for (const accept of [
      'application/json',
      'text/event-stream',
      'text/html',
      'application/*',
      '*/*;q=0',
      'application/*, text/*;q=0.0',
      '*',
    ]) {
      assert.equal(await status(accept), 406, accept);
    }
  });
});
