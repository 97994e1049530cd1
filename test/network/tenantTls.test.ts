import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as jose from 'jose';
import { discover } from '../../src/auth/discovery.ts';
import { createKeySet } from '../../src/auth/keySet.ts';
import { lookForServer } from '../../src/bridge/remote/lookForServer.ts';
import { describeNeeds } from '../needs.ts';
import { failsWith, temporaryDirectory, useDirectory } from '../auth/fixtures.ts';
import { run, runWith, start } from '../terminal/fixtures.ts';
import { createAuthority, type Authority, type Certificate } from './certificates.ts';
import { basic, startProxy, type ForwardProxy } from './forwardProxy.ts';
import { checkedTenant, startTlsTenant, surroundingsOf, type TlsTenant } from './tlsTenant.ts';

const past = '20200101000000Z';
const names = ['DNS:localhost', 'DNS:tenant.example'];

describeNeeds(['OpenSSL'], 'a tenant, and a server, behind TLS', () => {
  const files = temporaryDirectory();
  const directory = useDirectory();
  let authority: Authority;
  let server: TlsTenant;
  let proxy: ForwardProxy;

  before(() => {
    authority = createAuthority(files.path, ['DNS:localhost']);
  });
  after(() => {
    files.remove();
  });
  beforeEach(async () => {
    proxy = await startProxy();
  });
  afterEach(async () => {
    await proxy.stop();
    server.close();
  });

  /** @returns its host and port */
  async function listen(certificate: Certificate, host?: string): Promise<string> {
    server = await startTlsTenant(certificate, host);
    return server.place;
  }

  const surroundings = (place: string, env?: Record<string, string>) =>
    surroundingsOf(place, directory.path, env);
  const checked = (place: string, env: Record<string, string>) => checkedTenant(surroundings(place, env));

  const anyway = (given: Certificate) => given;
  const trust = () => ({ NODE_EXTRA_CA_CERTS: authority.file });
  for (const [code, certificate, env, saying] of [
    ['DEPTH_ZERO_SELF_SIGNED_CERT', () => authority.own, () => ({}), /NODE_EXTRA_CA_CERTS.*--use-system-ca/],
    [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      () => authority.issue({ names }),
      () => ({}),
      /NODE_EXTRA_CA_CERTS.*--use-system-ca/,
    ],
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      () => {
        const { key, cert } = authority.issue({ names });
        return { key, cert: cert + authority.own.cert };
      },
      () => ({}),
      /NODE_EXTRA_CA_CERTS.*--use-system-ca/,
    ],
    [
      'CERT_HAS_EXPIRED',
      () => authority.issue({ names, from: past, to: '20200102000000Z' }),
      trust,
      /has expired.*Check the date of this machine/,
    ],
    [
      'CERT_NOT_YET_VALID',
      () => authority.issue({ names, from: '20990101000000Z', to: '20990102000000Z' }),
      trust,
      /not valid yet.*Check the date of this machine/,
    ],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      () => authority.issue({ names: ['DNS:other.example'] }),
      trust,
      /is for another name.*Check the address/,
    ],
  ] as const) {
    it(`[W7] say what to do about ${code}`, async () => {
      const place = await listen(anyway(certificate()));
      const { message } = await checked(place, env());
      const { stderr } = await run(surroundings(place, env()), 'login', '--device');
      const { code: exitCode, message: refused } = await connectTo(place, env());
      for (const said of [message, stderr, refused]) {
        assert.match(said, saying);
        assert.ok(said.includes(code) && said.includes(place), said);
      }
      assert.equal(exitCode, -32_000);
      assert.deepEqual(server.asked, []);
    });
  }

  /** Begins with a server, with a token of one's own. @returns the error that it ends with */
  async function connectTo(place: string, env: Record<string, string>) {
    const more = { AUTH0_TOKEN: 'opaque-token-of-the-tests', ...env };
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    };
    const { stdout } = await runWith(
      `${JSON.stringify(initialize)}\n`,
      surroundings(place, more),
      'connect',
      `https://${place}/mcp`,
    );
    const { error } = JSON.parse(stdout) as { error: { code: number; message: string } };
    return error;
  }

  it('[W7] say what to do in the editor, by whose fetch they are reached, and for keys', async () => {
    const place = await listen(authority.issue({ names }));
    const { tenant } = surroundings(place);
    await failsWith(discover(tenant), 'tenant_unreachable', /NODE_EXTRA_CA_CERTS.*--use-system-ca/);
    const keys = createKeySet(tenant, jose);
    const key = keys.keyOf({ alg: 'RS256', kid: 'any' }, { payload: '', signature: '' });
    await failsWith(Promise.resolve(key), 'tenant_unreachable', /NODE_EXTRA_CA_CERTS.*--use-system-ca/);
    assert.match(
      (await lookForServer(`https://${place}/mcp`, new AbortController().signal)) ?? '',
      /NODE_EXTRA_CA_CERTS.*--use-system-ca/,
    );
  });

  it('[W7] says what to do where no TLS is spoken', async () => {
    await listen(authority.own);
    const { message } = await checked(proxy.address, {});
    assert.match(
      message,
      /does not speak TLS \((?:EPROTO|ERR_SSL_[A-Z_]+)\)\. Check the address, its port, and the proxy/,
    );
  });

  it('[W7] is trusted by NODE_EXTRA_CA_CERTS', async () => {
    const place = await listen(authority.issue({ names }));
    assert.deepEqual(await checked(place, trust()), {
      check: 'Tenant',
      ok: true,
      message: (await checked(place, trust())).message,
    });
  });

  for (const [what, variable] of [
    ['HTTPS_PROXY', 'HTTPS_PROXY'],
    ['https_proxy', 'https_proxy'],
  ] as const) {
    it(`[W7] is reached through the proxy of ${what}`, async () => {
      const place = await listen(authority.issue({ names }), 'tenant.example');
      const env = { ...trust(), [variable]: `http://ada:S3CRET@${proxy.address}` };
      const { ok, message } = await checked(place, env);
      assert.ok(ok, message);
      const tunnels = proxy.requests.map(({ method, url, headers }) => [
        method,
        url,
        headers['proxy-authorization'],
      ]);
      assert.deepEqual(new Set(tunnels.map(String)), new Set([String(['CONNECT', place, basic('ada')])]));
    });
  }

  for (const [what, user, status, saying] of [
    ['does not know us', 'stranger', undefined, /wants a name and a password .*\(status 407\)/],
    ['cannot reach it', 'ada', 502, /does not connect to tenant\.example \(status 502\)/],
  ] as const) {
    it(`[W7] is told from a proxy that ${what}`, async () => {
      proxy.refuseWith = status;
      const place = await listen(authority.issue({ names }), 'tenant.example');
      const env = { ...trust(), HTTPS_PROXY: `http://${user}:S3CRET@${proxy.address}` };
      const { message } = await checked(place, env);
      const ran = await run(surroundings(place, env), 'login', '--device');
      for (const said of [message, ran.stderr]) {
        assert.match(said, saying);
        assert.doesNotMatch(said, /S3CRET/);
      }
    });
  }

  it('[W7] is reached by the library, which changes nothing for others', async () => {
    const place = await listen(authority.issue({ names }), 'tenant.example');
    const script = join(directory.path, 'program.mjs');
    writeFileSync(
      script,
      `import { ensureAuthenticated } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
       import { globalAgent } from 'node:https';
       const before = [globalAgent, globalThis.fetch, JSON.stringify(globalAgent.options)];
       const stop = new AbortController();
       const onProgress = message => message.includes('/authorize?') && stop.abort();
       await ensureAuthenticated({ signal: stop.signal, onProgress }).catch(() => undefined);
       const after = [globalAgent, globalThis.fetch, JSON.stringify(globalAgent.options)];
       console.error(after.every((each, index) => each === before[index]) ? 'unchanged' : 'changed');
       process.exit();`,
    );
    const env = { ...trust(), HTTPS_PROXY: `http://${proxy.address}`, BROWSER: 'none' };
    const { ended } = start(surroundings(place, { ...env, NODE_OPTIONS: `--import=${script}` }), 'whoami');
    const { stderr } = await ended;
    assert.match(stderr, /unchanged/);
    assert.ok(proxy.requests.length > 0);
  });
});
