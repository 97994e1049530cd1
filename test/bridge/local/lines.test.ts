import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { signIn } from '../../terminal/fixtures.ts';
import { useUser } from '../../tenant/useTenant.ts';
import { startRawClient, type Json, type RawClient } from '../remote/rawClient.ts';

const rawServer = join(import.meta.dirname, 'rawServer.mjs');
const megabyte = 1024 * 1024;

describe('what goes through omnispindle run', () => {
  const clients: RawClient[] = [];
  const given = useUser(async () => {
    await Promise.all(clients.splice(0).map(client => client.stop()));
  });

  function startClient(): RawClient {
    const client = startRawClient(
      { tenant: given.tenant, directory: given.directory },
      ['--variable', 'API_TOKEN', '--', process.execPath, rawServer],
      { command: 'run' },
    );
    clients.push(client);
    return client;
  }
  async function start(): Promise<RawClient> {
    const client = startClient();
    await client.begin();
    return client;
  }
  const textOf = (answer: Json) => String((answer['result'] as Json | undefined)?.['text']);
  const errorOf = (answer: Json) => String((answer['error'] as Json | undefined)?.['message']);

  it('[W8a] run passes a result of 200 MB on, and a longer one than 256 MB is an error of its call only', async () => {
    const client = await start();
    const { result } = await client.call('state');
    assert.equal(textOf(await client.call('big', { size: 200 * megabyte })).length, 200 * megabyte);
    client.messages.length = 0;
    client.send({ jsonrpc: '2.0', id: 'other', method: 'silent' });
    assert.match(errorOf(await client.call('big', { size: 257 * megabyte })), /more than 256 MB/);
    assert.deepEqual((await client.call('state'))['result'], result);
    assert.equal(client.messages.filter(({ id }) => id === 'other').length, 0);
  });

  it('[W8a] run passes an argument of 64 MB on, and a longer one than 256 MB is an error of its call only', async () => {
    const client = await start();
    const { result } = await client.call('state');
    const line = (id: number, size: number) =>
      `{"jsonrpc":"2.0","id":${String(id)},"method":"size","params":{"arguments":{"text":"${'é\\"'.repeat(size / 4)}"}}}`;
    client.send(line(100, 64 * megabyte));
    const passed = (await client.answer(100))['result'] as { bytes: number };
    assert.ok(passed.bytes > 64 * megabyte, String(passed.bytes));
    client.send(line(101, 257 * megabyte));
    assert.match(errorOf(await client.answer(101)), /more than 256 MB/);
    assert.deepEqual((await client.call('state'))['result'], result);
  });

  it('[W8a] every line goes through run as it came', async () => {
    const client = await start();
    let stdout = '';
    client.stdout.on('data', (chunk: string) => {
      stdout += chunk;
    });
    const lines = [
      '{"id":12345678901234567,"method":"echo","b":9007199254740993,"a":1.10,"jsonrpc":"2.0"}',
      '{ "unknown":[{"deep":[[1e400]]}], "method":"echo", "id":"\\u0061", "params":{"z":1,"a":"\u2028"} }',
      `{"method":"echo","id":7,"params":{"long":"${'\\\\\\"x'.repeat(megabyte)}","n":12345678901234567890}}`,
    ];
    for (const line of lines) client.send(line);
    await client.until(() => lines.every(line => stdout.includes(`"result":{"line":${line}},"jsonrpc"`)));
    client.send(
      `\ufeff[{"method":"echo","id":8,"params":{"n":12345678901234567890}}, {"id":9,"method":"state"}]`,
    );
    assert.ok((await client.answer(9))['result']);
    assert.match(stdout, /"line":\{"method":"echo","id":8,"params":\{"n":12345678901234567890\}\}\}/);
  });

  it('[W8a] what no client can read as an answer is an error of the call that waits for it', async () => {
    const client = await start();
    const odd: [line: (id: number) => string, error: RegExp | undefined][] = [
      [id => `{"jsonrpc":"2.0","id":${String(id)},"result":{"mean":NaN}}`, /not as an MCP server does/],
      [id => `{"jsonrpc":"2.0","id":${String(id)}}`, /not as an MCP server does/],
      [id => `{"jsonrpc":"2.0","id":${String(id)},"result":"text"}`, /not as an MCP server does/],
      [id => `{"jsonrpc":"2.0","id":${String(id)},"error":"no such wool"}`, /no such wool/],
      [() => '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}', /Parse error/],
      [id => `{"id":"${String(id)}","result":{"n":1}}`, undefined],
    ];
    for (const [index, [line, error]] of odd.entries()) {
      const id = 50 + index;
      client.send({ jsonrpc: '2.0', id, method: 'line', params: { line: `loading…\n${line(id)}` } });
      const answer = await client.answer(id);
      assert.equal(answer['jsonrpc'], '2.0');
      if (error) assert.match(errorOf(answer), error);
      else assert.deepEqual(answer['result'], { n: 1 });
    }
  });

  it('[W8a] run slows down a server whose client does not read, and loses nothing', async () => {
    const client = await start();
    const file = join(given.directory, 'taken');
    client.stdout.pause();
    const times = 200;
    const answer = client.call('flood', { times, file });
    while (!existsSync(file)) await delay(50);
    const taken = Number(readFileSync(file, 'utf8'));
    assert.ok(taken < 20, `${String(taken)} MB were taken`);
    client.stdout.resume();
    assert.ok((await answer)['result']);
    assert.equal(client.messages.filter(({ method }) => method === 'notifications/message').length, times);
  });

  it('[W8a] run slows down a client whose server does not read, and loses nothing', async () => {
    const client = await start();
    const file = join(given.directory, 'go');
    await client.call('deaf', { file });
    let sent = 0;
    for (const first = 1_000; sent < 400; sent++) {
      const text = 'x'.repeat(megabyte);
      const call = { jsonrpc: '2.0', id: first + sent, method: 'size', params: { text } };
      if (client.stdin.write(`${JSON.stringify(call)}\n`)) continue;
      if (await Promise.race([once(client.stdin, 'drain').then(() => false), delay(2_000, true)])) break;
    }
    assert.ok(sent < 200, `${String(sent)} MB were taken`);
    writeFileSync(file, '');
    for (let id = 1_000; id < 1_000 + sent; id++) assert.ok((await client.answer(id))['result']);
  });

  it('[W8a] a client that sends all at once and closes its end still gets its answers from run', async () => {
    await signIn({ tenant: given.tenant, directory: given.directory });
    const client = startClient();
    const initialize = {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'raw', version: '1' },
    };
    client.send({ jsonrpc: '2.0', id: 'begin', method: 'initialize', params: initialize });
    client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    client.send({ jsonrpc: '2.0', id: 'state', method: 'state' });
    client.stdin.end();
    for (const id of ['begin', 'state']) assert.ok((await client.answer(id))['result']);
    await assert.rejects(
      client.until(() => false),
      /It has ended \(0\)/,
    );
  });

  for (const [signal, how] of [
    ['SIGUSR2', /ended by itself \(exit code 7\)/],
    ['SIGKILL', /ended by itself \(SIGKILL\)/],
  ] as const) {
    it(`[W8a] calls that wait hear so at once, and all hear how the server ended (${signal})`, async () => {
      given.tenant.setTokenLifetime(3);
      const client = await start();
      const { pid } = (await client.call('state'))['result'] as { pid: number };
      client.send({ jsonrpc: '2.0', id: 'silent', method: 'silent' });
      given.tenant.setTokenLifetime(3_600);
      const told = () =>
        new Set(
          client.messages
            .map(({ params }) => params as Json | undefined)
            .filter(params => String(params?.['message']).startsWith('Waiting for the server’s other calls'))
            .map(params => params?.['progressToken']),
        );
      const ask = (id: string) => {
        client.send({ jsonrpc: '2.0', id, method: 'state', params: { _meta: { progressToken: id } } });
      };
      let first = '';
      while (told().size === 0) {
        const id = randomUUID();
        first = id;
        ask(id);
        await client.until(() => told().size > 0 || client.messages.some(message => message['id'] === id));
        await delay(100);
      }
      for (const id of ['second', 'third']) ask(id);
      await client.until(() => told().size >= 3);
      process.kill(pid, signal);
      for (const id of ['silent', first, 'second', 'third']) {
        assert.match(errorOf(await client.answer(id)), how, id);
      }
      await assert.rejects(
        client.until(() => false),
        /It has ended \(1\)/,
      );
    });
  }
});
