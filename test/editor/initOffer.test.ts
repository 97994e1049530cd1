import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { eventually } from '../eventually.ts';
import { useInstalling } from '../terminal/installing.ts';
import type { StandIn, StandInOptions } from './standIn/startExtension.ts';
import { useStandIn } from './standIn/useStandIn.ts';

interface Entry {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
}

/** Editors that take no MCP servers from extensions, and where `init` writes ours for them. */
const editors = [
  { appName: 'Kiro', uriScheme: 'kiro', path: ['.kiro', 'settings', 'mcp.json'] },
  { appName: 'Windsurf', uriScheme: 'windsurf', path: ['.codeium', 'windsurf', 'mcp_config.json'] },
  { appName: 'Devin', uriScheme: 'windsurf', path: ['.config', 'devin', 'mcp_config.json'] },
  { appName: 'Antigravity', uriScheme: 'antigravity', path: ['.gemini', 'config', 'mcp_config.json'] },
];

describe('[E5] an editor that is known to take no MCP servers from extensions', function () {
  this.timeout(120_000);
  const given = useStandIn();
  const installing = useInstalling();
  const kept = { ...process.env };
  const question = /takes no MCP servers from extensions\. Add Omnispindle’s server/;

  beforeEach(() => {
    Object.assign(process.env, {
      HOME: installing.path,
      OMNISPINDLE_DATA_DIR: join(installing.path, 'data'),
    });
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) {
      if (!(name in kept)) Reflect.deleteProperty(process.env, name);
    }
    Object.assign(process.env, kept);
  });

  const [kiro] = editors as [(typeof editors)[number]];
  const { path: _path, ...named } = kiro;
  const inKiro = (options: Partial<StandInOptions> = {}) => given.start({ ...named, ...options });

  async function asked(window: StandIn): Promise<boolean> {
    await new Promise(resolve => setTimeout(resolve, 200));
    return window.screen.all.some(({ text }) => question.test(text));
  }

  for (const { path, ...editor } of editors) {
    it(`[E5] offers to add our server there, and runs init: ${editor.appName}`, async () => {
      const window = await given.start(editor);
      const { text, modal, kind } = await window.screen.see(question);
      assert.deepEqual([modal, kind], [false, 'information']);
      assert.ok(text.startsWith(`${editor.appName} takes no MCP servers`));
      assert.equal(window.mcp(), undefined);
      await window.screen.press('Add Omnispindle');
      await window.screen.see(/now starts Omnispindle .*Restart it to see the tools/, 60_000);
      const { mcpServers } = JSON.parse(readFileSync(join(installing.path, ...path), 'utf8')) as {
        mcpServers: { omnispindle: Entry };
      };
      // The tenant of the settings, which is not Omnispindle's own.
      assert.equal(mcpServers.omnispindle.env?.['AUTH0_DOMAIN'], given.tenant.domain);
      assert.ok(await installing.start(mcpServers.omnispindle));
    });
  }

  it('[E5] writes the team’s server where the setting names one, and offers it again where that changes', async () => {
    const profile = given.profile();
    const path = join(installing.path, ...kiro.path);
    const written = () =>
      (JSON.parse(readFileSync(path, 'utf8')) as { mcpServers: { omnispindle: Entry } }).mcpServers
        .omnispindle;
    const scopes = ['--scope', 'omnispindle:read', '--scope', 'omnispindle:write'];
    for (const server of ['bundled', 'https://one.example/mcp', 'https://two.example/mcp']) {
      profile.settings.set('omnispindle.server', server);
      const window = await inKiro({ profile });
      await window.screen.press('Add Omnispindle');
      await window.screen.see(/now starts Omnispindle/, 60_000);
      assert.deepEqual(
        written().args.slice(1),
        server === 'bundled' ? ['serve'] : ['connect', server, ...scopes],
      );
      assert.equal(written().env?.['AUTH0_DOMAIN'], given.tenant.domain);
      await eventually('its mark', () => profile.globalState.get('initOffered') === `done ${server}`);
      assert.equal(await asked(await inKiro({ profile })), false, server);
    }
    profile.settings.set('omnispindle.server', 'http://one.example/mcp');
    const window = await inKiro({ profile });
    await window.screen.press('Add Omnispindle');
    await window.screen.see(/It begins with "http:\/\/"/);
    assert.ok(written().args.includes('https://two.example/mcp'));
  });

  it('[E5] is asked once by all its windows, and again by another version only where it was closed', async () => {
    const profile = given.profile();
    const first = await inKiro({ profile });
    (await first.screen.see(question)).dismiss();
    assert.equal(await asked(await inKiro({ profile })), false);
    await profile.globalState.update('initOffered', '0.0.1');
    const updated = await inKiro({ profile });
    await updated.screen.see(question);
    await updated.screen.press("Don't Show Again");
    await profile.globalState.update('other', 1);
    assert.equal(profile.globalState.get('initOffered'), 'never');
    assert.equal(await asked(await inKiro({ profile })), false);
  });

  it('[E5] shows in init’s own words why it failed, and offers it again at the next start', async () => {
    const profile = given.profile();
    process.env['OMNISPINDLE_DATA_DIR'] = 'relative';
    const window = await inKiro({ profile });
    await window.screen.press('Add Omnispindle');
    const { text } = await window.screen.see(/OMNISPINDLE_DATA_DIR/, 60_000);
    assert.doesNotMatch(text, /^omnispindle:/);
    assert.ok(!existsSync(join(installing.path, ...kiro.path)));
    assert.equal(await asked(await inKiro({ profile })), true);
  });

  it('[E5] needs a Node.js of the person’s where the editor’s own is Electron, and says so', async () => {
    const { versions } = process;
    Object.defineProperty(process, 'versions', { value: { ...versions, electron: '37.6.0' } });
    try {
      const profile = given.profile();
      process.env['PATH'] = '/nowhere';
      const without = await inKiro({ profile });
      await without.screen.press('Add Omnispindle');
      await without.screen.see(/Node\.js was not found in PATH; without it Kiro cannot start Omnispindle/);
      process.env['PATH'] = [dirname(process.execPath), kept['PATH']].join(delimiter);
      const window = await inKiro({ profile });
      await window.screen.press('Add Omnispindle');
      await window.screen.see(/now starts Omnispindle/, 60_000);
    } finally {
      Object.defineProperty(process, 'versions', { value: versions });
    }
  });

  it('[E5] stops init where the person cancels, and changes nothing', async () => {
    const window = await inKiro();
    await window.screen.press('Add Omnispindle');
    const progress = await window.screen.see(/Adding Omnispindle to Kiro/);
    progress.dismiss();
    await eventually('its end', () => !progress.isOpen);
    assert.ok(!existsSync(join(installing.path, ...kiro.path)));
    assert.deepEqual(
      window.screen.all.map(({ kind }) => kind),
      ['information', 'progress'],
    );
  });

  it('[E5] is not asked where the extension runs on another machine, whose files the editor does not read', async () => {
    assert.equal(await asked(await inKiro({ remoteName: 'ssh-remote', extensionKind: 'workspace' })), false);
    assert.equal(await asked(await inKiro({ remoteName: 'ssh-remote', extensionKind: 'ui' })), true);
  });

  it('[E5] is asked nothing in VS Code, nor in an editor that we do not know', async () => {
    for (const uriScheme of ['vscode', 'vscodium', 'some-fork', 'toString']) {
      const window = await given.start({ uriScheme });
      assert.equal(await asked(window), false, uriScheme);
      assert.ok(window.mcp(), uriScheme);
    }
  });
});
