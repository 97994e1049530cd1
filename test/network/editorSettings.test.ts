import assert from 'node:assert/strict';
import { isException } from '../../src/network/exceptions.ts';
import { networkVariable, type NetworkSettings } from '../../src/common/networkVariable.ts';
import { temporaryDirectory, useDirectory } from '../auth/fixtures.ts';
import { describeNeeds } from '../needs.ts';
import { run } from '../terminal/fixtures.ts';
import { createAuthority, type Authority } from './certificates.ts';
import { startProxy, type ForwardProxy } from './forwardProxy.ts';
import { checkedTenant, startTlsTenant, surroundingsOf, type TlsTenant } from './tlsTenant.ts';

/** A name that only the proxy can find. */
const host = 'tenant.example';

describeNeeds(['OpenSSL'], 'the network settings of the editor', () => {
  const files = temporaryDirectory();
  const directory = useDirectory();
  let authority: Authority;
  let server: TlsTenant;
  let proxy: ForwardProxy;
  let place: string;

  before(async () => {
    authority = createAuthority(files.path);
    server = await startTlsTenant(authority.issue({ names: [`DNS:${host}`] }), host);
    place = server.place;
  });
  after(() => {
    server.close();
    files.remove();
  });
  afterEach(() => proxy.stop());

  /** What `doctor` says of the tenant. */
  async function checked(settings: NetworkSettings, more: Record<string, string> = {}) {
    const env = { [networkVariable]: JSON.stringify(settings), ...more };
    return checkedTenant(surroundingsOf(place, directory.path, env));
  }
  const trust = () => ({ NODE_EXTRA_CA_CERTS: authority.file });

  it('[E6] take requests through http.proxy, and rather than through HTTPS_PROXY', async () => {
    proxy = await startProxy();
    for (const more of [{}, { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: 'other.example' }]) {
      const { ok, message } = await checked({ proxy: `http://${proxy.address}` }, { ...trust(), ...more });
      assert.ok(ok, message);
    }
    assert.ok(proxy.requests.length >= 2);
  });

  for (const [what, settings, env] of [
    ['http.noProxy', { noProxy: ['.example'] }, {}],
    ['NO_PROXY', {}, { NO_PROXY: 'tenant.example' }],
  ] as const) {
    it(`[E6] send none through http.proxy that ${what} leaves out`, async () => {
      proxy = await startProxy();
      // Nobody else knows that name.
      const { ok } = await checked({ proxy: `http://${proxy.address}`, ...settings }, { ...trust(), ...env });
      assert.equal(ok, false);
      assert.deepEqual(proxy.requests, []);
    });
  }

  it('[E6] send none that http.noProxy leaves out through the proxy of HTTPS_PROXY', async () => {
    proxy = await startProxy();
    const env = { ...trust(), HTTPS_PROXY: `http://${proxy.address}` };
    assert.equal((await checked({ noProxy: [host] }, env)).ok, false);
    assert.deepEqual(proxy.requests, []);
    assert.equal((await checked({ noProxy: ['other.example'] }, env)).ok, true);
  });

  it('[E6] name the setting where its proxy is at fault', async () => {
    proxy = await startProxy();
    proxy.refuseWith = 502;
    const refused = await checked({ proxy: `http://${proxy.address}` }, trust());
    assert.match(
      refused.message,
      /which http\.proxy names, does not connect.*"http\.noProxy": \["tenant\.example"\]/,
    );
    const away = await checked({ proxy: 'http://127.0.0.1:1' }, trust());
    assert.match(away.message, /which http\.proxy names, could not be reached.*"http\.noProxy"/);
    proxy.refuseWith = 407;
    const stranger = await checked({ proxy: `http://${proxy.address}`, hasLogin: true }, trust());
    assert.match(stranger.message, /\(status 407\), which only a window of the editor tells/);
  });

  it('[E6] leave the certificate of a proxy unchecked by http.proxyStrictSSL alone', async () => {
    proxy = await startProxy(createAuthority(`${files.path}/other`, ['IP:127.0.0.1']).own);
    const address = `https://${proxy.address}`;
    const strict = await checked({ proxy: address }, trust());
    assert.match(strict.message, /certificate of the proxy .*is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    assert.match(strict.message, /http\.proxyStrictSSL/);
    const { ok, message } = await checked({ proxy: address, checksProxy: false }, trust());
    assert.ok(ok, message);
    const ofEnvironment = await checked({ checksProxy: false }, { ...trust(), HTTPS_PROXY: address });
    assert.ok(ofEnvironment.ok, ofEnvironment.message);
  });

  for (const scheme of ['http', 'https'] as const) {
    it(`[E6] never leave the tenant’s certificate unchecked: behind a proxy of ${scheme}`, async () => {
      proxy = await startProxy(scheme === 'https' ? authority.issue({ names: ['IP:127.0.0.1'] }) : undefined);
      const settings = { proxy: `${scheme}://${proxy.address}`, checksProxy: false };
      const { ok, message } = await checked(settings);
      assert.equal(ok, false);
      assert.match(message, /UNABLE_TO_VERIFY_LEAF_SIGNATURE/);
    });
  }

  it('[E6] trust what the system trusts where http.systemCertificates says so', async () => {
    proxy = await startProxy();
    const settings = { proxy: `http://${proxy.address}` };
    const env = { SSL_CERT_FILE: authority.file };
    assert.match((await checked(settings, env)).message, /UNABLE_TO_VERIFY_LEAF_SIGNATURE/);
    const { ok, message } = await checked({ ...settings, systemCertificates: true }, env);
    assert.ok(ok, message);
  });

  for (const [what, text, saying] of [
    ['no JSON', 'x', /OMNISPINDLE_NETWORK is not what an editor has written/],
    ['of another shape', '{"noProxy":"a"}', /OMNISPINDLE_NETWORK is not what an editor has written/],
    ['no address', '{"proxy":"S3CRET://proxy"}', /setting http\.proxy is not the address of a proxy/],
  ] as const) {
    it(`[E6] are refused where they are ${what}, without what they are`, async () => {
      proxy = await startProxy();
      const tenant = { domain: place, clientId: 'client', audience: 'https://api.example/' };
      const env = { [networkVariable]: text };
      const { code, stderr } = await run({ tenant, directory: directory.path, env }, 'whoami');
      assert.equal(code, 2);
      assert.match(stderr, saying);
      assert.doesNotMatch(stderr, /S3CRET/);
    });
  }
});

describe('an entry of http.noProxy', () => {
  for (const [entry, address, isLeftOut] of [
    ['*', 'https://a.example', true],
    ['a.example', 'https://a.example', true],
    ['A.Example', 'https://a.example', true],
    [' a.example ', 'https://a.example', true],
    ['a.example', 'https://b.a.example', true],
    ['.a.example', 'https://b.a.example', true],
    ['*.a.example', 'https://b.a.example', true],
    ['a.example', 'https://ba.example', false],
    ['a.example:443', 'https://a.example', true],
    ['a.example:8443', 'https://a.example', false],
    ['a.example:8443', 'https://a.example:8443', true],
    ['10.0.0.0/8', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['10.0.0.0/8', 'https://ten.example', false],
    ['10.0.0.0/99', 'https://10.1.2.3', false],
    ['fd00::/8', 'https://[fd12::1]', true],
    ['[fd12::1]:443', 'https://[fd12::1]', true],
    ['fd12::1', 'https://[fd12::1]', true],
    ['1.2.3', 'https://0.1.2.3', false],
    ['', 'https://a.example', false],
    ['.', 'https://a.example', false],
  ] as const) {
    it(`[E6] ${JSON.stringify(entry)} ${isLeftOut ? 'leaves out' : 'does not leave out'} ${address}`, () => {
      assert.equal(isException(new URL(address), [entry]), isLeftOut);
    });
  }
});
