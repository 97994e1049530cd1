import assert from 'node:assert/strict';
import { demoUser } from '../../tenant/accounts.ts';
import {
  account,
  eventually,
  person,
  setOption,
  signInByCommand,
  signOutByCommand,
  tenant,
} from './helpers.ts';

/**
 * Defines tests of what people do with the extension in any workspace.
 * @param where said in the titles
 */
export function defineEveryday(where: string): void {
  before(async () => {
    await setOption('signIn.flow', 'uriHandler');
  });
  afterEach(() => person.leaveTenant());

  it(`[E4] signs in by the command, and shows the account in the Accounts menu, ${where}`, async () => {
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the session', async () => (await account()) === 'ada@example.com');
    await eventually('the entry of the account', async () =>
      (await person.readAccounts()).some(entry => entry.includes('ada@example.com')),
    );
  });

  it(`[E4] says by its command who is signed in, ${where}`, async () => {
    await person.runCommand('Omnispindle: Show Account');
    await eventually('the message', async () =>
      (await person.readMessages()).includes('Signed in as Ada Lovelace, ada@example.com'),
    );
    await person.clearNotifications();
  });

  it(`[E4] lists the bundled server in "MCP: List Servers", ${where}`, async () => {
    await person.runCommand('MCP: List Servers');
    await person.choose('Omnispindle');
  });

  it(`[E4] signs out, and the session ends at the tenant, ${where}`, async () => {
    await signOutByCommand();
    await eventually('its end', async () => (await tenant.liveSessions()) === 0);
    assert.equal(await account(), undefined);
  });
}
