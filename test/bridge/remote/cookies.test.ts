import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { startOddServer, type OddAnswer, type OddServer } from './oddServer.ts';
import { useOddServers } from './useOddServer.ts';

const cookies = ({ requests }: OddServer, method: string) =>
  requests.filter(each => each.method === method).map(({ headers }) => headers.cookie);

/** Sets those cookies with every answer. */
const setting =
  (...lines: string[]): OddAnswer =>
  (_request, response) => {
    response.setHeader('set-cookie', lines);
    return undefined;
  };

describe('[W3] omnispindle connect keeps cookies', () => {
  const here = useOddServers();

  /** What a call carries after the server has set these. */
  async function afterSetting(lines: string[], flags: string[] = []): Promise<string | undefined> {
    const server = await here.serve(setting(...lines));
    const client = await here.connect(server, flags);
    await client.begin();
    await client.call('tools/list');
    return cookies(server, 'POST').at(-1);
  }

  it('of a load balancer, so that every call reaches the node of its session', async () => {
    const nodes = [new Set<unknown>(), new Set<unknown>()] as const;
    let turn = 0;
    const server = await here.serve(({ headers, message }, response) => {
      const named = /AWSALB=(\d)/.exec(headers.cookie ?? '')?.[1];
      const at = named === undefined ? turn++ % 2 : Number(named);
      response.setHeader('set-cookie', [
        `AWSALB=${String(at)}; Expires=Wed, 01 Jan 2126 00:00:00 GMT; Path=/`,
        `AWSALBCORS=${String(at)}; Path=/; SameSite=None; Secure`,
      ]);
      const node = nodes[at === 1 ? 1 : 0];
      if (message?.['method'] === 'initialize') {
        const id = randomUUID();
        node.add(id);
        response.setHeader('mcp-session-id', id);
      } else if (!node.has(headers['mcp-session-id'])) {
        return response.writeHead(404).end();
      }
      return undefined;
    });
    const client = await here.connect(server);
    await client.begin();
    for (let times = 0; times < 6; times++) assert.ok((await client.call('tools/list'))['result']);
    client.stdin.end();
    await client.until(() => cookies(server, 'DELETE').length > 0).catch(() => undefined);
    const begun = server.requests.filter(({ message }) => message?.['method'] === 'initialize');
    assert.equal(begun.length, 1);
    for (const method of ['POST', 'GET', 'DELETE']) {
      const sent = cookies(server, method).slice(method === 'POST' ? 1 : 0);
      assert.ok(sent.length > 0 && sent.every(each => each?.includes('AWSALB=')), method);
    }
  });

  it('by their path, their name and their end', async () => {
    const sent = await afterSetting([
      'a=1; Path=/',
      'b=2; Path=/mcp',
      'c=3; Path=/other',
      'd=4; Max-Age=0; Path=/',
      'e=5; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/',
      'a=6; Path=/',
      'f=7; HttpOnly; SameSite=Strict',
    ]);
    assert.deepEqual(sent?.split('; ').toSorted(), ['a=6', 'b=2', 'f=7']);
  });

  it('but none for another domain', async () => {
    assert.equal(await afterSetting(['a=1; Domain=example.com', 'b=2; Domain=com']), undefined);
  });

  it('but no more than a server can want', async () => {
    const many = (from: number) =>
      Array.from({ length: 20 }, (_, at) => `n${String(from + at)}=${'x'.repeat(300)}`);
    let from = 0;
    const server = await here.serve((_request, response) => {
      response.setHeader('set-cookie', [`long=${'x'.repeat(5_000)}`, ...many((from += 20))]);
      return undefined;
    });
    const client = await here.connect(server);
    await client.begin();
    for (let times = 0; times < 10; times++) assert.ok((await client.call('tools/list'))['result']);
    const last = cookies(server, 'POST').at(-1) ?? '';
    assert.ok(last.length > 300 && last.length <= 8_192, String(last.length));
    assert.doesNotMatch(last, /long=/);
  });

  it('but the person’s own header wins', async () => {
    assert.equal(await afterSetting(['a=1; Path=/'], ['--header', 'Cookie: mine=1']), 'mine=1');
  });

  it('and none of these leaves its origin', async () => {
    const other = await startOddServer();
    try {
      const server = await here.serve((request, response) => {
        response.setHeader('set-cookie', 'a=1; Path=/');
        if (request.message?.['method'] !== 'tools/list') return undefined;
        return response.writeHead(307, { location: other.url }).end();
      });
      const client = await here.connect(server);
      await client.begin();
      assert.ok((await client.call('tools/list'))['error']);
      assert.equal(other.requests.length, 0);
    } finally {
      await other.stop();
    }
  });
});
