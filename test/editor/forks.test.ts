import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { eventually } from '../eventually.ts';
import { signInInBrowser } from './standIn/browser.ts';
import type { StandIn, StandInOptions } from './standIn/startExtension.ts';
import { useStandIn } from './standIn/useStandIn.ts';

/** Editors by what they have in place of VS Code's function for MCP servers. */
const editors: Record<string, Partial<StandInOptions>> = {
  'that has no vscode.lm': { without: ['lm'] },
  'whose vscode.lm has no function for MCP servers': { without: ['lm.registerMcpServerDefinitionProvider'] },
  'that has no class for MCP servers': { without: ['McpStdioServerDefinition'] },
  'whose function for MCP servers throws': {
    members: {
      lm: {
        registerMcpServerDefinitionProvider() {
          throw new Error('chat is disabled');
        },
      },
    },
  },
  'whose function for MCP servers gives nothing back': {
    members: { lm: { registerMcpServerDefinitionProvider: () => undefined } },
  },
  'that has none of these, lists no secrets, and knows no tabs': {
    without: ['lm', 'McpStdioServerDefinition', 'secrets.keys', 'window.tabGroups'],
  },
};

describe('[E5] an editor that takes no MCP servers from extensions', () => {
  const given = useStandIn();

  async function signIn(window: StandIn): Promise<void> {
    const command = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    await signInInBrowser(window);
    await command;
  }

  for (const [which, options] of Object.entries(editors)) {
    it(`[E5] signs in by the URI handler, runs the commands and signs out in an editor ${which}`, async () => {
      const window = await given.start(options);
      await signIn(window);
      assert.equal((await window.api.getAccount())?.label, 'ada@example.com');
      await window.run('omnispindle.showAccount');
      await window.screen.see(/Signed in as .*ada@example\.com/);
      const leaving = window.run('omnispindle.signOut');
      await window.screen.press('Sign Out');
      await leaving;
      assert.equal(await given.tenant.liveSessions(), 0);
      const complaints = window.screen.all.filter(({ kind }) => kind === 'error' || kind === 'warning');
      assert.deepEqual(
        complaints.map(({ text }) => text),
        ['Sign out ada@example.com?'],
      );
    });
  }

  it('[E5] is given definitions of their shape where it has no class for MCP servers', async () => {
    const window = await given.start({ without: ['McpStdioServerDefinition'] });
    const [bundled] = await given.definitions(window);
    assert.equal(bundled?.label, 'Omnispindle');
    assert.equal(bundled.command, process.execPath);
    assert.ok(bundled.args.includes('serve'));
    assert.ok(bundled.version);
  });

  it('[E5] adds no server that would never start, and says where one can be added', async () => {
    for (const options of [{ without: ['lm'] }, { uriScheme: 'kiro', appName: 'Kiro' }]) {
      const window = await given.start(options);
      await window.run('omnispindle.addServer');
      await window.screen.see(/takes no MCP servers from extensions, so .*omnispindle connect/);
      assert.ok(window.screen.all.every(({ kind }) => kind !== 'quickPick'));
    }
  });

  it('[E5] says in the log what it lacks, and what to do, where it has no function for that', async () => {
    const window = await given.start({ without: ['lm'], uriScheme: 'theia', appName: 'A Theia' });
    assert.ok(
      window.lines.some(line =>
        /^warn A Theia takes no MCP servers from extensions .*"omnispindle init"/.test(line),
      ),
    );
  });

  it('[E5] is not said of VS Code, whose function is used', async () => {
    const window = await given.start();
    assert.ok(window.mcp());
    assert.doesNotMatch(window.lines.join('\n'), /takes no MCP servers/);
  });
});

describe('[E3] VS Code 1.105', () => {
  const given = useStandIn();

  it('[E3] starts a server again as another account: it looks at how a server is started, and not at its version', async () => {
    const window = await given.start();
    const signing = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    await signInInBrowser(window);
    await signing;
    const launch = async () => {
      const [bundled] = await given.definitions(window);
      return { command: bundled?.command, args: bundled?.args, env: { ...bundled?.env } };
    };
    const before = await launch();
    assert.deepEqual(await launch(), before);
    const choosing = window.run('omnispindle.chooseAccount');
    await window.screen.press('ada@example.com');
    await eventually('another start', async () => JSON.stringify(await launch()) !== JSON.stringify(before));
    (await window.screen.see(/Omnispindle runs as ada@example\.com/)).dismiss();
    await choosing;
  });
});

describe('[E5] an editor that calls the authentication provider as older ones do', () => {
  const given = useStandIn();

  it('[E5] gets sessions, and makes one, without an argument for options', async () => {
    const window = await given.start();
    const provider = window.provider() as unknown as {
      getSessions(scopes?: readonly string[]): Promise<vscode.AuthenticationSession[]>;
      createSession(scopes: readonly string[]): Promise<vscode.AuthenticationSession>;
    };
    assert.deepEqual(await provider.getSessions(), []);
    assert.deepEqual(await provider.getSessions([]), []);
    const creating = provider.createSession([]);
    await signInInBrowser(window);
    const session = await creating;
    assert.equal(session.account.label, 'ada@example.com');
    assert.equal((await provider.getSessions()).length, 1);
    const [found] = await provider.getSessions([]);
    assert.equal(found?.accessToken, session.accessToken);
  });

  it('[E5] says what to do where another extension has registered the provider already, and the rest works', async () => {
    const window = await given.start({ takenProviders: ['omnispindle'] });
    const shown = await window.screen.see(
      /Another extension has registered the sign-in "omnispindle" already/,
    );
    assert.equal(shown.kind, 'error');
    assert.match(shown.text, /Disable the other extension, then reload the window/);
    const command = window.run('omnispindle.signInWithDeviceCode');
    await window.screen.press('Copy & Open');
    await signInInBrowser(window);
    await command;
    assert.equal((await window.api.getAccount())?.label, 'ada@example.com');
    assert.ok(window.mcp());
  });
});
