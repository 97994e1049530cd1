import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { defaultScopes } from '../../../src/auth/tenant.ts';
import { scopesOf } from '../../sessions/scopesOf.ts';
import { demoUser } from '../../tenant/accounts.ts';
import { api, eventually, person, setOption, signOutByCommand, tenant } from './helpers.ts';

const providerId = 'omnispindle';

/** The text of our log as the editor shows it, once that text is in it. */
async function readLog(text: string): Promise<string> {
  await person.runCommand('Omnispindle: Show Log');
  return eventually('the log', () => {
    const shown = vscode.workspace.textDocuments
      .find(({ uri }) => uri.scheme === 'output' && uri.path.includes('Omnispindle'))
      ?.getText();
    return shown?.includes(text) && shown;
  });
}

describe('the account', () => {
  const silently = (scopes: string[], account?: vscode.AuthenticationSessionAccountInformation) =>
    vscode.authentication.getSession(providerId, scopes, { silent: true, ...(account && { account }) });
  const heard: (string | undefined)[] = [];
  let ada: vscode.AuthenticationSession;
  let watching: vscode.Disposable;

  before(async () => {
    await setOption('signIn.flow', 'uriHandler');
    watching = (await api()).onDidChangeAccount(now => heard.push(now?.label));
  });
  after(async () => {
    watching.dispose();
    await vscode.commands.executeCommand('workbench.action.closePanel');
    await person.leaveTenant();
  });

  it('is given to another extension with the editor’s consent, signing in where needed', async () => {
    const asked = vscode.authentication.getSession(providerId, [], { createIfNone: true });
    await person.press('Allow');
    await person.signIn(demoUser);
    ada = await asked;
    assert.deepEqual([ada.account.id, ada.account.label], ['auth0|ada', 'ada@example.com']);
    assert.match(ada.accessToken, /^ey/);
    assert.equal((await silently([]))?.id, ada.id);
    await eventually('the news of the account', () => heard.at(-1) === 'ada@example.com');
  });

  it('is found for the scopes it has, and by its own account only', async () => {
    assert.equal((await silently(['openid', 'email']))?.id, ada.id);
    assert.equal(await silently(['read:todos']), undefined);
    assert.equal((await silently([], ada.account))?.id, ada.id);
    assert.equal(await silently([], { id: 'auth0|nobody', label: 'nobody@example.com' }), undefined);
  });

  it('signs in again for more scopes; another account is not taken for it', async () => {
    const more = () =>
      vscode.authentication.getSession(providerId, ['read:todos'], {
        createIfNone: true,
        account: ada.account,
      });
    await person.leaveTenant();
    const refused = assert.rejects(
      Promise.resolve(more()),
      /You signed in as grace@gmail.example, but ada@example.com was asked for, so nothing was changed/,
    );
    await person.press('Allow');
    await person.signIn('google');
    // Until then another button says the same, of the notification that waits.
    await eventually('the question', async () =>
      (await person.readMessages()).includes('You signed in as grace@gmail.example, but'),
    );
    await person.press('Cancel');
    await refused;
    await person.leaveTenant();
    const asked = more();
    await person.press('Allow');
    await person.signIn(demoUser);
    const session = await asked;
    assert.equal(session.account.id, ada.account.id);
    assert.deepEqual(session.scopes, ['read:todos']);
    const accounts = await vscode.authentication.getAccounts(providerId);
    assert.deepEqual(
      accounts.map(({ label }) => label),
      ['ada@example.com'],
    );
  });

  it('gives its token by the exported API where the person allows that, once a window', async () => {
    const { ensureAuthenticated, getAccount, version } = await api();
    assert.equal(version, 1);
    assert.equal((await getAccount())?.name, demoUser.name);
    const refused = assert.rejects(ensureAuthenticated(), /You did not allow it/);
    await person.press('Cancel');
    await refused;
    const asked = ensureAuthenticated();
    await person.press('Allow');
    const token = await asked;
    assert.match(token, /^ey/);
    assert.deepEqual(scopesOf({ accessToken: token }), [...defaultScopes].sort());
    const more = await ensureAuthenticated({ account: 'ada@example.com', scopes: ['read:todos'] });
    assert.deepEqual(scopesOf({ accessToken: more }), [...defaultScopes, 'read:todos'].sort());
  });

  it('is shown by a command', async () => {
    await person.runCommand('Omnispindle: Show Account');
    const shown = `Signed in as ${demoUser.name}, ada@example.com, auth0|ada at`;
    await eventually('the account', async () => (await person.readMessages()).includes(shown));
    await person.clearNotifications();
  });

  it('is in the log, without its token', async () => {
    assert.ok(!(await readLog('[info] Signed in as ada@example.com')).includes(ada.accessToken));
  });

  it('is absent after the sign-out, and the API reports that', async () => {
    await signOutByCommand();
    await eventually('the news of the sign-out', () => heard.at(-1) === undefined);
    assert.equal(await (await api()).getAccount(), undefined);
    assert.ok(((await tenant.counters())['revoke'] ?? 0) > 0);
  });

  for (const [key, value, saying] of [
    ['auth0.domain', '${env:DOMAIN}', 'omnispindle.auth0.domain is "${env:DOMAIN}", a placeholder'],
    ['auth0.domain', 'no host?code=S3CRET', 'is not a host name. Set omnispindle.auth0.domain'],
    ['auth0.audience', 7, 'omnispindle.auth0.audience must be a text'],
    ['signIn.callbackPort', 0, 'omnispindle.signIn.callbackPort must be a port number'],
    [
      'signIn.flow',
      'smoke',
      'omnispindle.signIn.flow must be one of: auto, uriHandler, loopback, deviceCode',
    ],
  ] as const) {
    it(`cannot be had where the setting ${key} is ${String(value)}, which is said with what to do`, async () => {
      const kept = vscode.workspace.getConfiguration('omnispindle').inspect(key)?.globalValue;
      if (key === 'signIn.callbackPort') await setOption('signIn.flow', 'loopback');
      await setOption(key, value);
      try {
        const refused = assert.rejects(
          Promise.resolve(vscode.authentication.getSession(providerId, [], { forceNewSession: true })),
        );
        await person.press('Allow');
        await refused;
        const messages = await eventually('the message', async () => {
          const shown = await person.readNotifications();
          return shown.includes(saying) && shown;
        });
        assert.match(messages, /Open Settings/);
      } finally {
        await setOption(key, kept);
        await person.clearNotifications();
      }
    });
  }

  it('is kept out of the log with whatever looks like a secret', async () => {
    const text = await readLog('no host?');
    assert.match(text, /no host\?code=\[redacted\]/);
    assert.doesNotMatch(text, /S3CRET/);
  });
});
