import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { demoUser } from '../../tenant/accounts.ts';
import { callTool, person, setOption, startServer, tenant } from './helpers.ts';

describe('signing in', () => {
  it('starts the bundled server, asks for consent, signs in and calls a tool', async () => {
    await setOption('signIn.flow', 'uriHandler');
    const started = startServer();
    await person.press('Allow');
    await person.screenshot('waiting');
    await person.signIn(demoUser);
    await started;
    await person.screenshot('started');
    console.log(vscode.lm.tools.map(tool => tool.name));
    assert.match(await callTool('whoami'), /ada@example.com/);
    assert.equal((await tenant.counters())['token:authorization_code'], 1);
    console.log(await person.readAccounts());
  });
});
