import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory } from '../../auth/fixtures.ts';
import { run } from '../../terminal/fixtures.ts';
import { text, useSurroundings } from './fixtures.ts';
import { describeNeeds } from '../../needs.ts';

/** A name that only the proxy can find, and an address of this machine that is not loopback's. */
const hosts = ['remote.example', '0.0.0.0'] as const;

/** A forward proxy to this machine, under whatever name. */
async function startProxy() {
  const requests: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer((request, response) => {
    requests.push(request);
    response.writeHead(502).end();
  });
  proxy.on('connect', (request: IncomingMessage, client: Socket) => {
    requests.push(request);
    if (request.headers['proxy-authorization'] === basic('stranger')) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const [port] = /\d+$/.exec(request.url ?? '') ?? [];
    const server = connect(Number(port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      server.pipe(client).pipe(server);
    });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${String((proxy.address() as AddressInfo).port)}`,
    requests,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => proxy.close(resolve));
    },
  };
}

const basic = (user: string) => `Basic ${Buffer.from(`${user}:S3CRET`).toString('base64')}`;

describeNeeds(['OpenSSL'], 'omnispindle connect, where there is a proxy,', () => {
  const here = useSurroundings();
  const files = temporaryDirectory();
  const [key, cert] = [join(files.path, 'key.pem'), join(files.path, 'cert.pem')];
  let proxy: Awaited<ReturnType<typeof startProxy>>;

  before(() => {
    const names = `subjectAltName=DNS:${hosts[0]},IP:${hosts[1]}`;
    const how = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=remote'];
    execFileSync('openssl', [...how, '-addext', names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  });
  after(() => {
    files.remove();
  });
  beforeEach(async () => {
    proxy = await startProxy();
  });
  afterEach(() => proxy.stop());

  /** Connects to a server of another machine, as it seems. */
  async function connectOver(env: Record<string, string>, host: (typeof hosts)[number] = hosts[0]) {
    const certificate = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    await here.serve({ host, certificate });
    return here.connect([], { NODE_EXTRA_CA_CERTS: cert, OMNISPINDLE_DEBUG: '1', ...env });
  }

  for (const [what, variables] of [
    ['HTTPS_PROXY', (address: string) => ({ HTTPS_PROXY: `http://${address}` })],
    ['https_proxy', (address: string) => ({ https_proxy: `http://${address}/` })],
    [
      'https_proxy rather than HTTPS_PROXY',
      (address: string) => ({ https_proxy: address, HTTPS_PROXY: 'http://127.0.0.1:1' }),
    ],
    ['HTTPS_PROXY without a scheme', (address: string) => ({ HTTPS_PROXY: address })],
  ] as const) {
    it(`goes through it: ${what}`, async () => {
      const connected = await connectOver(variables(proxy.address));
      assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
      // The token travels inside the tunnel, and the sign-in, on this machine, beside it.
      const asked = proxy.requests.map(({ method, url, headers }) => [method, url, headers.authorization]);
      const target = `${hosts[0]}:${String(here.remote.port)}`;
      assert.deepEqual(new Set(asked.map(String)), new Set([String(['CONNECT', target, undefined])]));
    });
  }

  for (const [name, value] of [
    ['NO_PROXY', hosts[1]],
    ['no_proxy', `other.example, ${hosts[1]}`],
    ['NO_PROXY', '*'],
  ] as const) {
    it(`goes past it: ${name}=${value}`, async () => {
      const connected = await connectOver(
        { HTTPS_PROXY: `http://${proxy.address}`, [name]: value },
        hosts[1],
      );
      assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
      assert.deepEqual(proxy.requests, []);
    });
  }

  it('goes through it where NO_PROXY names others', async () => {
    const connected = await connectOver(
      { HTTPS_PROXY: `http://${proxy.address}`, NO_PROXY: 'other.example' },
      hosts[1],
    );
    assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
    assert.ok(proxy.requests.length > 0);
  });

  for (const host of ['127.0.0.1', 'localhost', '127.0.0.2']) {
    it(`never tells it a token that is for this machine (${host})`, async () => {
      await here.serve({ host });
      const address = `http://${proxy.address}`;
      const connected = await here.connect([], {
        HTTP_PROXY: address,
        HTTPS_PROXY: address,
        NO_PROXY: 'other.example',
      });
      assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
      assert.deepEqual(proxy.requests, []);
    });
  }

  it('signs in to it, and says its password nowhere', async () => {
    const connected = await connectOver({ HTTPS_PROXY: `http://ada:S3CRET@${proxy.address}` });
    assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
    assert.ok(proxy.requests.every(({ headers }) => headers['proxy-authorization'] === basic('ada')));
    assert.doesNotMatch(connected.stderr(), /S3CRET/);
  });

  for (const [what, variable, saying] of [
    [
      'cannot be reached',
      () => 'http://ada:S3CRET@127.0.0.1:1',
      /could not be reached \(connect ECONNREFUSED 127\.0\.0\.1:1\).*proxy/,
    ],
    [
      'wants another password',
      () => `http://stranger:S3CRET@${proxy.address}`,
      /could not be reached \(.* via http:\/\/127\.0\.0\.1:\d+\/: HTTP\/1\.1 407.*proxy/,
    ],
  ] as const) {
    it(`says so where it ${what}, but not its password`, async () => {
      await assert.rejects(connectOver({ HTTPS_PROXY: variable() }), ({ message }: Error) => {
        assert.match(message, saying);
        assert.doesNotMatch(message, /S3CRET/);
        return true;
      });
    });
  }

  for (const address of ['http://ada:S3CRET@proxy.example:99999', 'S3CRET://proxy.example', '//']) {
    it(`says which variable is wrong: ${address.replace('S3CRET', '…')}`, async () => {
      const env = { HTTPS_PROXY: address };
      const ran = await run(
        { tenant: here.tenant, directory: here.directory, env },
        'connect',
        here.remote.url,
      );
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, /HTTPS_PROXY is not the address of a proxy/);
      assert.doesNotMatch(ran.stderr, /S3CRET|\n\s+at /);
    });
  }
});
