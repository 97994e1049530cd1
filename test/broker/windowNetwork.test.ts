import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { askProxyAuthorization, askTenantKeys } from '../../src/broker/askNetwork.ts';
import type { BrokerHost } from '../../src/broker/host.ts';
import { addressVariable, keyVariable } from '../../src/broker/variables.ts';
import type { WindowNetwork } from '../../src/broker/windowNetwork.ts';
import { networkVariable } from '../../src/common/networkVariable.ts';
import { loopbackFlow } from '../../src/auth/flows/loopback.ts';
import { failsWith, temporaryDirectory, testAuthenticator } from '../auth/fixtures.ts';
import { createAuthority, type Authority, type Certificate } from '../network/certificates.ts';
import { basic, startProxy, type ForwardProxy } from '../network/forwardProxy.ts';
import { describeNeeds } from '../needs.ts';
import { text, useSurroundings } from '../bridge/remote/fixtures.ts';
import { serve } from '../terminal/fixtures.ts';
import { callbackPort } from '../tenant/callbackPort.ts';
import { startTenant } from '../tenant/tenant.ts';
import { openWindow, post, question, token, type Env } from './fixtures.ts';

const at = ({ [addressVariable]: address = '', [keyVariable]: key = '' }: Env) => ({ address, key });
const address = 'http://proxy.example:8080';
const network: WindowNetwork = {
  proxyAuthorization: proxy => (proxy === address ? basic('ada') : undefined),
  fetchKeys: () => Promise.resolve({ issuer: 'https://tenant.example/', keys: '{"keys":[]}' }),
};

describe('what an editor’s window does on the network for its servers', () => {
  let window: BrokerHost;
  afterEach(() => window.dispose());

  it('[E6] is there for who has a key, before there is any account', async () => {
    window = openWindow(() => Promise.reject(new Error('nobody is asked')), { network });
    const { env, revoke } = await window.grantLate(() => Promise.reject(new Error('nobody is asked')));
    assert.equal(await askProxyAuthorization(at(env), address), basic('ada'));
    assert.deepEqual(await askTenantKeys(at(env)), {
      issuer: 'https://tenant.example/',
      keys: '{"keys":[]}',
    });
    await revoke();
    await failsWith(askProxyAuthorization(at(env), address), 'session_lost');
    await failsWith(askTenantKeys({ ...at(env), key: 'none' }), 'session_lost');
  });

  it('[E6] is nothing else: another wish, and a window without it, are refused', async () => {
    window = openWindow(() => Promise.resolve(token('good')), { network });
    const { env } = await window.grant('ada');
    for (const wanted of ['passwords', undefined]) {
      assert.equal((await post(env, question({ wanted }), { path: '/network' })).status, 400);
    }
    const run = openWindow(() => Promise.resolve(token('good')));
    await failsWith(askProxyAuthorization(at((await run.grant('ada')).env), address), 'server_error');
    await run.dispose();
  });

  it('[E6] the bundled server checks tokens with the tenant’s keys, though it cannot reach the tenant', async () => {
    const tenant = await startTenant();
    const directory = temporaryDirectory();
    const { authenticator } = testAuthenticator(tenant, directory.path, {
      flows: [loopbackFlow({ port: callbackPort })],
    });
    const session = await authenticator.signIn();
    const issuer = `${tenant.domain}/`;
    const keys = await (await fetch(`${issuer}.well-known/jwks.json`)).text();
    await tenant.close();
    let mine = issuer;
    window = openWindow(() => Promise.resolve(session), {
      network: { ...network, fetchKeys: () => Promise.resolve({ issuer: mine, keys }) },
    });
    const whoami = async () => {
      const { env } = await window.grant(session.account.id);
      const { client } = await serve({ tenant, directory: directory.path, env });
      const { content } = await client.callTool({ name: 'whoami', arguments: {} });
      await client.close();
      return (content as { text: string }[])[0]?.text ?? '';
    };
    assert.match(await whoami(), /ada@example\.com/);
    mine = 'https://other.example/';
    assert.match(await whoami(), /could not be (?:reached|fetched)/);
    directory.remove();
  });
});

describeNeeds(['OpenSSL', 'Linux'], 'omnispindle connect, where the editor’s proxy has a password,', () => {
  const here = useSurroundings();
  const files = temporaryDirectory();
  let authority: Authority;
  let certificate: Certificate;
  let proxy: ForwardProxy;
  let window: BrokerHost | undefined;

  before(() => {
    authority = createAuthority(files.path);
    certificate = authority.issue({ names: ['DNS:remote.example'] });
  });
  after(() => {
    files.remove();
  });
  beforeEach(async () => {
    proxy = await startProxy();
  });
  afterEach(async () => {
    await proxy.stop();
    await window?.dispose();
    window = undefined;
  });

  async function connectBy(authorization: string | undefined, itsProxy = `http://${proxy.address}`) {
    await here.serve({ host: 'remote.example', certificate });
    window = openWindow(() => Promise.resolve(token('of ada')), {
      network: {
        ...network,
        proxyAuthorization: asked => (asked === itsProxy ? authorization : undefined),
      },
    });
    const { env } = await window.grant('ada');
    return here.connect([], {
      ...env,
      NODE_EXTRA_CA_CERTS: authority.file,
      [networkVariable]: JSON.stringify({ proxy: `http://${proxy.address}`, hasLogin: true }),
    });
  }

  it('[E6] learns it from the window, and has it in no variable and no argument', async () => {
    const connected = await connectBy(basic('ada'));
    assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
    assert.ok(proxy.requests.length > 0);
    assert.ok(proxy.requests.every(({ headers }) => headers['proxy-authorization'] === basic('ada')));
    for (const file of ['environ', 'cmdline']) {
      const said = readFileSync(`/proc/${String(connected.pid())}/${file}`, 'utf8');
      assert.doesNotMatch(said, /S3CRET/);
      assert.ok(!said.includes(basic('ada').slice('Basic '.length)));
    }
  });

  it('[E6] does not learn it for a proxy that the setting does not name any more', async () => {
    proxy.refuseWith = 407;
    await assert.rejects(
      connectBy(basic('ada'), 'http://another.example'),
      /only a window of the editor tells/,
    );
    assert.ok(proxy.requests.length > 0);
    assert.ok(proxy.requests.every(({ headers }) => headers['proxy-authorization'] === undefined));
  });

  it('[E6] says that the setting has the wrong one, but not which', async () => {
    await assert.rejects(connectBy(basic('stranger')), ({ message }: Error) => {
      assert.match(
        message,
        /wants a name and a password that it knows \(status 407\)\. Put them into http\.proxy/,
      );
      assert.doesNotMatch(message, /S3CRET/);
      return true;
    });
  });
});
