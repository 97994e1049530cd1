import assert from 'node:assert/strict';
import { temporaryDirectory } from '../../auth/fixtures.ts';
import { createAuthority, type Authority, type Certificate } from '../../network/certificates.ts';
import { basic, startProxy, type ForwardProxy } from '../../network/forwardProxy.ts';
import { run } from '../../terminal/fixtures.ts';
import { text, useSurroundings } from './fixtures.ts';
import { describeNeeds } from '../../needs.ts';

/** A name that only the proxy can find, and an address of this machine that is not loopback's. */
const hosts = ['remote.example', '0.0.0.0'] as const;

describeNeeds(['OpenSSL'], 'omnispindle connect, where there is a proxy,', () => {
  const here = useSurroundings();
  const files = temporaryDirectory();
  let authority: Authority;
  let certificate: Certificate;
  let proxy: ForwardProxy;

  before(() => {
    authority = createAuthority(files.path);
    certificate = authority.issue({ names: [`DNS:${hosts[0]}`, `IP:${hosts[1]}`] });
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
    await here.serve({ host, certificate });
    const all = { NODE_EXTRA_CA_CERTS: authority.file, OMNISPINDLE_DEBUG: '1', ...env };
    return here.connect([], all, { isSignedOut: false });
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

  for (const [what, user, port, status, saying] of [
    [
      'cannot be reached',
      'ada',
      '1',
      undefined,
      /The proxy http:\/\/127\.0\.0\.1:1, which HTTPS_PROXY names, could not be reached \(ECONNREFUSED\).*NO_PROXY=remote\.example/,
    ],
    [
      'wants another password',
      'stranger',
      undefined,
      undefined,
      /The proxy http:\/\/127\.0\.0\.1:\d+ wants a name and a password .*\(status 407\)\. Put them into HTTPS_PROXY/,
    ],
    [
      'cannot reach the server',
      'ada',
      undefined,
      502,
      /The proxy http:\/\/127\.0\.0\.1:\d+, which HTTPS_PROXY names, does not connect to remote\.example \(status 502\)/,
    ],
    // It must not be taken for what the server says of the token.
    [
      'is closed to everybody',
      'ada',
      undefined,
      401,
      /The proxy .* does not connect to remote\.example \(status 401\)/,
    ],
  ] as const) {
    it(`[W7] says so where it ${what}, but not its password`, async () => {
      proxy.refuseWith = status;
      const address = port === undefined ? proxy.address : `127.0.0.1:${port}`;
      const env = { HTTPS_PROXY: `http://${user}:S3CRET@${address}` };
      await assert.rejects(connectOver(env), ({ message }: Error) => {
        assert.match(message, saying);
        assert.doesNotMatch(message, /S3CRET/);
        return true;
      });
      assert.deepEqual(here.remote.requests, []);
    });
  }

  for (const address of [
    'http://ada:S3CRET@proxy.example:99999',
    'S3CRET://proxy.example',
    '//',
    'http://ada:S3CRET%@proxy.example',
  ]) {
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
