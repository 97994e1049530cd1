import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  deflateRawSync,
  deflateSync,
  gzipSync,
} from 'node:zlib';
import { events, json, type OddAnswer } from './oddServer.ts';
import { assertWellFormed, saying, useInnerClients, useOddServers } from './useOddServer.ts';

const encoders: Record<string, [string, (text: string) => Buffer]> = {
  gzip: ['gzip', gzipSync],
  'gzip by its old name': ['X-Gzip', gzipSync],
  br: ['br', brotliCompressSync],
  deflate: ['deflate', deflateSync],
  'deflate without its head': ['deflate', deflateRawSync],
  'one over the other': ['gzip, br', text => brotliCompressSync(gzipSync(text))],
  'none by name': ['identity', text => Buffer.from(text)],
};

describe('[W4] omnispindle connect reads what a server has compressed:', () => {
  const here = useInnerClients();

  const toCalls =
    (answer: (response: ServerResponse, id: unknown) => unknown): OddAnswer =>
    ({ message }, response) => {
      if (message?.['method'] !== 'tools/call') return undefined;
      answer(response, message['id']);
      return true;
    };

  async function answerTo(answer: (response: ServerResponse, id: unknown) => unknown) {
    const client = here.connect(await here.serve(toCalls(answer)));
    await client.begin();
    const said = await client.call('tools/call', { name: 'x' });
    assertWellFormed(said, said['id']);
    assert.ok((await client.call('tools/list'))['result']);
    return said;
  }

  const result = (id: unknown) => JSON.stringify({ jsonrpc: '2.0', id, result: { wool: 'é'.repeat(9_000) } });

  for (const [what, [name, encode]] of Object.entries(encoders)) {
    it(`${what}, as JSON, as a stream, and as a refusal`, async () => {
      const said = [
        await answerTo((r, id) =>
          r.writeHead(200, { ...json, 'content-encoding': name }).end(encode(result(id))),
        ),
        await answerTo((r, id) =>
          r.writeHead(200, { ...events, 'content-encoding': name }).end(encode(`data: ${result(id)}\n\n`)),
        ),
      ];
      for (const answer of said) assert.deepEqual(answer['result'], { wool: 'é'.repeat(9_000) });
      const refused = await answerTo(r =>
        r.writeHead(500, { ...json, 'content-encoding': name }).end(encode('{"error":"Out of wool"}')),
      );
      assert.match(saying(refused), /500.*Out of wool/);
    });
  }

  for (const [name, begin] of [
    ['gzip', () => createGzip({ flush: constants.Z_SYNC_FLUSH })],
    ['br', () => createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH })],
  ] as const) {
    it(`every event of a stream in ${name} as soon as it comes`, async () => {
      const server = await here.serve(
        toCalls((response, id) => {
          const encoder = begin();
          encoder.pipe(response.writeHead(200, { ...events, 'content-encoding': name }));
          encoder.write('data: {"jsonrpc":"2.0","method":"notifications/message","params":{"data":1}}\n\n');
          // The rest only when the client has the first.
          goOn = () => encoder.write(`data: ${result(id)}\n\n`);
        }),
      );
      let goOn = (): unknown => undefined;
      const client = here.connect(server);
      await client.begin();
      const answer = client.call('tools/call', { name: 'x' });
      await client.until(() => client.messages.some(({ method }) => method === 'notifications/message'));
      goOn();
      assert.ok((await answer)['result']);
    });
  }

  for (const [what, name, body] of [
    ['in an encoding that it does not know', 'zpaq', () => gzipSync('{}')],
    ['that is not what it says', 'gzip', () => Buffer.from('{"jsonrpc":"2.0"}')],
    ['that is not what it says, either', 'br', () => Buffer.from('{"jsonrpc":"2.0"}')],
    ['of encodings without an end', Array(50).fill('gzip').join(','), () => gzipSync('{}')],
  ] as const) {
    it(`but not a body ${what}: it says so`, async () => {
      for (const type of [json, events]) {
        const said = await answerTo(r => r.writeHead(200, { ...type, 'content-encoding': name }).end(body()));
        assert.match(saying(said), /whose encoding \(.*\) cannot be read/);
      }
      const refused = await answerTo(r =>
        r.writeHead(500, { ...json, 'content-encoding': name }).end(body()),
      );
      assert.match(saying(refused), /status 500/);
    });
  }

  it('but no more than 32 MB, however small that is on its way', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000, 'x'));
    for (const type of [json, events]) {
      const said = await answerTo(r => r.writeHead(200, { ...type, 'content-encoding': 'gzip' }).end(bomb));
      assert.match(saying(said), /more than 32 MB/);
    }
    const refused = await answerTo(r => r.writeHead(500, { 'content-encoding': 'gzip' }).end(bomb));
    assert.match(saying(refused), /status 500/);
  });
});

describe('[W4] omnispindle connect names itself', () => {
  const here = useOddServers();

  async function seen(flags: string[] = []) {
    const server = await here.serve((_request, response) => {
      response.setHeader('mcp-session-id', 's');
      return undefined;
    });
    const client = await here.connect(server, flags);
    await client.begin();
    await client.call('tools/list');
    client.stdin.end();
    while (!server.requests.some(({ method }) => method === 'DELETE')) {
      await new Promise(resolve => setImmediate(resolve));
    }
    return server.requests;
  }

  it('in every request, of any method, and says which encodings it reads', async () => {
    const requests = await seen();
    assert.deepEqual(new Set(requests.map(({ method }) => method)), new Set(['POST', 'GET', 'DELETE']));
    for (const { headers } of requests) {
      assert.match(headers['user-agent'] ?? '', /^omnispindle\/\d+\.\d+\.\d+/);
      assert.equal(headers['accept-encoding'], 'gzip, deflate, br');
    }
  });

  it('by the name that the person has given', async () => {
    const requests = await seen(['--header', 'User-Agent: me/1', '--header', 'Accept-Encoding: identity']);
    for (const { headers } of requests) {
      assert.equal(headers['user-agent'], 'me/1');
      assert.equal(headers['accept-encoding'], 'identity');
    }
  });
});
