import assert from 'node:assert/strict';
import { useStandIn } from './standIn/useStandIn.ts';
import { packageJson } from './standIn/extensionContext.ts';
import { signInInBrowser } from './standIn/browser.ts';

describe('[E4] a workspace', () => {
  const given = useStandIn();

  it('[E4] is named in package.json as one that need not be trusted, nor be on a disk', () => {
    assert.deepEqual(packageJson.capabilities, {
      untrustedWorkspaces: { supported: true },
      virtualWorkspaces: true,
    });
  });

  it('[E4] decides none of our settings: each is the application’s', () => {
    for (const [name, { scope }] of Object.entries(packageJson.contributes.configuration.properties)) {
      assert.equal(scope, 'application', name);
    }
  });

  it('[E4] decides neither the tenant nor a server where an editor lets it: its values are not read', async () => {
    const hostile = {
      'omnispindle.auth0.domain': 'http://127.0.0.1:9',
      'omnispindle.auth0.clientId': 'evil',
      'omnispindle.auth0.audience': 'https://evil.example/',
      'omnispindle.auth0.organization': 'org_evil',
      'omnispindle.signIn.flow': 'deviceCode',
      'omnispindle.signIn.callbackPort': 1,
      'omnispindle.server': 'https://evil.example/mcp',
      'omnispindle.servers': { Evil: { command: 'evil', tokenVariable: 'TOKEN' } },
    };
    const all = Object.keys(packageJson.contributes.configuration.properties);
    assert.deepEqual(Object.keys(hostile).toSorted(), all.toSorted());
    const window = await given.start({ workspaceSettings: hostile });
    const command = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    const callback = await signInInBrowser(window);
    await command;
    assert.match(callback, /^vscode:/);
    const { searchParams, origin } = new URL(window.opened[0] ?? '');
    assert.equal(origin, given.tenant.domain);
    assert.equal(searchParams.get('client_id'), given.tenant.clientId);
    assert.equal(searchParams.get('audience'), given.tenant.audience);
    assert.equal(searchParams.get('organization'), null);
    const definitions = await given.definitions(window);
    assert.deepEqual(
      definitions.map(({ label }) => label),
      ['Omnispindle'],
    );
    assert.doesNotMatch(JSON.stringify(definitions), /evil|127\.0\.0\.1:9/);
  });
});
