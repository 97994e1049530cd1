import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { signInInBrowser } from './standIn/browser.ts';
import { packageJson } from './standIn/extensionContext.ts';
import type { StandIn } from './standIn/startExtension.ts';
import { useStandIn } from './standIn/useStandIn.ts';

const remote = { url: 'http://127.0.0.1:9/mcp' };

/** The value that a key of the window's "when" clauses has now. */
function contextKey({ executed }: StandIn, name: string): unknown {
  return executed.findLast(({ id, args: [key] }) => id === 'setContext' && key === `omnispindle.${name}`)
    ?.args[1];
}

async function signIn(window: StandIn): Promise<void> {
  const command = window.run('omnispindle.signIn');
  await window.screen.press('Allow');
  await signInInBrowser(window);
  await command;
}

describe('the commands of the editor', () => {
  const given = useStandIn();

  it('[F4] have a title each in package.nls.json, and are there to be run', async () => {
    const titles = JSON.parse(
      readFileSync(join(import.meta.dirname, '..', '..', 'package.nls.json'), 'utf8'),
    ) as Record<string, string>;
    const window = await given.start();
    const registered = await window.commandIds();
    for (const { command, title } of packageJson.contributes.commands) {
      const shown = typeof title === 'string' ? title : title.value;
      assert.ok(titles[shown.replaceAll('%', '')], shown);
      assert.ok(registered.includes(command), command);
    }
  });

  it('[F4] are shown by keys that say whether somebody is signed in', async () => {
    const profile = given.profile();
    const window = await given.start({ profile });
    await eventually('the first look', () => contextKey(window, 'signedIn') === false);
    await signIn(window);
    await eventually('the sign-in', () => contextKey(window, 'signedIn') === true);
    // Another window knows it from its start.
    const other = await given.start({ profile });
    await eventually('the look of the other window', () => contextKey(other, 'signedIn') === true);
    const leaving = window.run('omnispindle.signOut');
    await window.screen.press('Sign Out');
    await leaving;
    await eventually('the sign-out', () => contextKey(window, 'signedIn') === false);
    await eventually('the sign-out in the other window', () => contextKey(other, 'signedIn') === false);
  });

  it('[F4] are shown by a key that says whether the person has servers of their own', async () => {
    const profile = given.profile();
    const window = await given.start({ profile });
    assert.equal(contextKey(window, 'hasServers'), false);
    profile.set('omnispindle.servers', { Loom: remote });
    assert.equal(contextKey(window, 'hasServers'), true);
    assert.equal(contextKey(await given.start({ profile }), 'hasServers'), true);
    profile.set('omnispindle.servers', {});
    assert.equal(contextKey(window, 'hasServers'), false);
  });

  it('[F4] remove a server from the setting, also one that is wrong, and put it back', async () => {
    const servers = { Loom: remote, Broken: { wrong: true } };
    const profile = given.profile({ 'omnispindle.servers': servers });
    const window = await given.start({ profile });
    for (const name of ['Broken', 'Loom'] as const) {
      const removing = window.run('omnispindle.removeServer');
      const question = await window.screen.see(/Which MCP server/);
      assert.deepEqual(question.choices.toSorted(), ['Broken', 'Loom']);
      await question.answer(name);
      await window.screen.see(new RegExp(`The MCP server ${name} was removed`));
      const { [name]: _removed, ...others } = servers;
      assert.deepEqual(profile.settings.get('omnispindle.servers'), others);
      await window.screen.press('Undo');
      await removing;
      assert.deepEqual(profile.settings.get('omnispindle.servers'), servers);
    }
  });

  it('[F4] start the server for todos, or say that this editor starts servers by itself', async () => {
    const window = await given.start();
    await window.run('omnispindle.startServer');
    assert.deepEqual(window.executed.at(-1), {
      id: 'workbench.mcp.startServer',
      args: ['omnispindle.omnispindle/Omnispindle'],
    });
    await window.screen.see(/is started/);
    await window.screen.press('Open Chat');
    assert.equal(window.executed.at(-1)?.id, 'workbench.action.chat.open');
    const other = await given.start({ without: ['workbench.mcp.startServer'] });
    await other.run('omnispindle.startServer');
    await other.screen.see(/starts MCP servers by itself/);
  });
});
