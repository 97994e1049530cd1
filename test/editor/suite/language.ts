import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { api, person } from './helpers.ts';

describe('[F8] an editor in German', () => {
  before(api);

  it('[F8] has the commands in German', async () => {
    assert.equal(vscode.env.language, 'de');
    const all = await person.findCommands('Omnispindle: ');
    // The palette has the English name under each, too.
    for (const name of ['Anmelden', 'MCP-Server hinzufügen…', 'Protokoll anzeigen']) {
      assert.ok(all.includes(`Omnispindle: ${name}`), all.join('\n'));
    }
  });

  it('[F8] asks in German', async () => {
    const adding = vscode.commands.executeCommand('omnispindle.addServer');
    await person.see('Remoteserver');
    await person.see('Lokaler Server');
    await person.screenshot('german');
    await person.pressKey('Escape');
    await adding;
  });
});
