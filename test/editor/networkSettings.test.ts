import assert from 'node:assert/strict';
import { networkSettings } from '../../src/common/networkSettings.ts';
import { networkVariable } from '../../src/common/networkVariable.ts';
import { packageJson } from './standIn/extensionContext.ts';
import { useStandIn } from './standIn/useStandIn.ts';

const secret = 'S3CRET';

describe('what the editor says of its servers', () => {
  const given = useStandIn();

  /** What its definitions say of the network, in an editor with those settings. */
  async function saidOf(settings: Record<string, unknown>, workspaceSettings: Record<string, unknown> = {}) {
    const profile = given.profile(settings);
    const definitions = await given.definitions(await given.start({ profile, workspaceSettings }));
    assert.doesNotMatch(JSON.stringify(definitions), /S3CRET|\$\{/);
    const [env] = definitions.map(definition => definition.env as Record<string, string>);
    return { said: networkSettings(env), text: env?.[networkVariable] ?? '' };
  }

  for (const [what, settings, said] of [
    [
      'nothing but that the system’s certificates count, where nothing is set',
      {},
      { systemCertificates: true },
    ],
    ['nothing at all, where not even they do', { 'http.systemCertificates': false }, {}],
    [
      'the proxy',
      { 'http.proxy': 'http://proxy.example:8080/' },
      { proxy: 'http://proxy.example:8080', systemCertificates: true },
    ],
    [
      'the proxy without its password',
      { 'http.proxy': `http://ada:${secret}@proxy.example:8080` },
      { proxy: 'http://proxy.example:8080', hasLogin: true, systemCertificates: true },
    ],
    [
      'that the proxy wants what http.proxyAuthorization holds',
      { 'http.proxy': 'https://proxy.example', 'http.proxyAuthorization': `Basic ${secret}` },
      { proxy: 'https://proxy.example', hasLogin: true, systemCertificates: true },
    ],
    [
      'no proxy that extensions are not to use',
      { 'http.proxy': 'http://proxy.example:8080', 'http.proxySupport': 'off' },
      { systemCertificates: true },
    ],
    ['no proxy that is no address', { 'http.proxy': `${secret}://x` }, { systemCertificates: true }],
    [
      'what goes past the proxy, and nothing that looks like a variable',
      { 'http.noProxy': ['.example', '10.0.0.0/8', '[::1]:8080', '${env:X}', 5] },
      { noProxy: ['.example', '10.0.0.0/8', '[::1]:8080'], systemCertificates: true },
    ],
    [
      'that the certificate of the proxy is not checked',
      { 'http.proxyStrictSSL': false },
      { checksProxy: false, systemCertificates: true },
    ],
  ] as const) {
    it(`[E6] is ${what}`, async () => {
      assert.deepEqual((await saidOf(settings)).said, said);
    });
  }

  it('[E6] is not what a workspace says', async () => {
    const evil = {
      'http.proxy': 'http://evil.example',
      'http.noProxy': ['*'],
      'http.proxyStrictSSL': false,
      'http.systemCertificates': false,
    };
    assert.deepEqual((await saidOf({}, evil)).said, { systemCertificates: true });
  });

  it('[E6] changes with those settings, and the editor hears so', async () => {
    const profile = given.profile();
    const window = await given.start({ profile });
    let times = 0;
    window.mcp()?.onDidChangeMcpServerDefinitions?.(() => times++);
    const [before] = await given.definitions(window);
    profile.set('http.proxy', 'http://proxy.example:8080');
    assert.ok(times > 0);
    const [after] = await given.definitions(window);
    assert.notEqual(after?.version, before?.version);
  });

  it('[E9] is where their data is, so that an agent’s servers have the same', async () => {
    const [bundled] = await given.definitions(await given.start());
    assert.match(String(bundled?.env['OMNISPINDLE_DATA_DIR']), /^(?:\/|[A-Z]:\\)/);
    assert.equal(bundled?.env['XDG_DATA_HOME'], undefined);
  });

  it('[E9] stays on this machine: settings sync leaves the servers out, and an entry may have a directory', () => {
    const { 'omnispindle.servers': servers } = packageJson.contributes.configuration
      .properties as unknown as Record<
      string,
      { ignoreSync?: boolean; additionalProperties: { anyOf: { properties: object }[] } }
    >;
    assert.equal(servers?.ignoreSync, true);
    const [, local] = servers.additionalProperties.anyOf;
    assert.ok(local && 'cwd' in local.properties);
  });
});
