import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { createAgentConsents } from '../../src/editor/agentConsents.ts';
import { nextOpened, signInInBrowser } from './standIn/browser.ts';
import type { Profile } from './standIn/profile.ts';
import type { StandIn } from './standIn/startExtension.ts';
import { useStandIn } from './standIn/useStandIn.ts';

describe('[F6] whoever cancels', () => {
  const given = useStandIn();
  let profile: Profile;
  let window: StandIn;
  beforeEach(async () => {
    profile = given.profile();
    window = await given.start({ profile });
  });

  async function dismiss(saying: RegExp): Promise<void> {
    (await window.screen.see(saying)).dismiss();
  }

  /** Presses the button of a progress. */
  async function stopWaiting(seen = 0): Promise<void> {
    await nextOpened(window, seen);
    await window.screen.press('Cancel');
  }

  async function signIn(): Promise<void> {
    const command = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    await signInInBrowser(window);
    await command;
    await dismiss(/You are signed in as/);
  }

  /** What is shown now, or was shown and is no question that the person has seen. */
  function requireSilence(before = 0): void {
    const shown = window.screen.all.slice(before);
    const loud = shown.filter(({ kind, isOpen }) => (isOpen && kind !== 'statusBar') || kind === 'error');
    assert.deepEqual(
      loud.map(({ kind, text }) => `${kind}: ${text}`),
      [],
    );
    assert.doesNotMatch(window.lines.join('\n'), /^(?:warn|error) /m);
  }

  it('[F6] a sign-in in the editor’s own dialog hears nothing more', async () => {
    const command = window.run('omnispindle.signIn');
    await dismiss(/wants to sign in/);
    await command;
    requireSilence();
  });

  it('[F6] a sign-in that waits for the browser hears nothing more', async () => {
    const command = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    await nextOpened(window);
    await window.screen.press('Cancel');
    await command;
    requireSilence();
  });

  it('[F6] a sign-in on the tenant’s page hears nothing more', async () => {
    const command = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    await signInInBrowser(window, 'cancel');
    await command;
    requireSilence();
  });

  it('[F6] a sign-in by a code hears nothing more, in the dialog and while it waits', async () => {
    const first = window.run('omnispindle.signInWithDeviceCode');
    await dismiss(/Your code/);
    await first;
    const second = window.run('omnispindle.signInWithDeviceCode');
    await window.screen.press('Copy & Open');
    await stopWaiting();
    await second;
    requireSilence();
  });

  it('[F6] an invitation hears nothing more, before and after the link', async () => {
    const first = window.run('omnispindle.acceptInvitation');
    await dismiss(/Link of the invitation/);
    await first;
    const second = window.run('omnispindle.acceptInvitation');
    const link = await window.screen.see(/Link of the invitation/);
    await link.answer('https://example.com/?invitation=ticket&organization=org_acme');
    await stopWaiting();
    await second;
    requireSilence();
  });

  it('[F6] a sign-out, or the question who is meant, stays signed in and hears nothing more', async () => {
    await signIn();
    const before = window.screen.all.length;
    const first = window.run('omnispindle.signOut');
    await dismiss(/Sign out ada@example\.com\?/);
    await first;
    const choosing = window.run('omnispindle.chooseAccount');
    await window.screen.press('Sign in with another account…');
    await signInInBrowser(window, 'google', { seen: 1 });
    await dismiss(/runs as grace@gmail\.example/);
    await choosing;
    for (const command of ['omnispindle.signOut', 'omnispindle.showAccount']) {
      const second = window.run(command);
      await dismiss(/Which account do you want to/);
      await second;
    }
    assert.equal(await given.tenant.liveSessions(), 2);
    requireSilence(before);
  });

  it('[F6] where nobody is signed in, hears nothing more', async () => {
    for (const command of ['omnispindle.signOut', 'omnispindle.showAccount']) {
      const running = window.run(command);
      await dismiss(/Nobody is signed in/);
      await running;
    }
    requireSilence();
  });

  it('[F6] the choice of an account changes nothing and hears nothing more, at each step', async () => {
    profile.set('omnispindle.servers', { Notes: { url: 'https://notes.example/mcp' } });
    await signIn();
    const before = window.screen.all.length;
    for (const step of [0, 1, 2]) {
      const choosing = window.run('omnispindle.chooseAccount');
      if (step === 0) await dismiss(/Which server/);
      else await (await window.screen.see(/Which server/)).answer('Notes');
      if (step === 1) await dismiss(/Which account should Notes run as/);
      if (step === 2) {
        await window.screen.press('Sign in with another account…');
        await stopWaiting(1);
      }
      await choosing;
    }
    requireSilence(before);
  });

  it('[F6] the fresh login as the right person hears nothing more', async () => {
    await signIn();
    const account = { id: 'auth0|ada', label: 'ada@example.com' };
    const before = window.screen.all.length;
    const asked = Promise.resolve(window.provider().createSession([], { account }));
    const refused = assert.rejects(asked);
    await signInInBrowser(window, 'google', { seen: 1 });
    const question = await window.screen.see(/You signed in as grace@gmail\.example/);
    assert.ok(question.modal);
    question.dismiss();
    await refused;
    requireSilence(before);
  });

  it('[F6] what another extension asks for hears nothing more, and the extension is told', async () => {
    await signIn();
    const before = window.screen.all.length;
    const scopes = ['audience:https://notes.example/'];
    const asked = window.getSession('omnispindle', scopes, { createIfNone: true });
    const refused = assert.rejects(asked, /You did not allow a token/);
    await window.screen.press('Allow');
    await dismiss(/An extension asks for a token for the API https:\/\/notes\.example\//);
    await refused;
    const byApi = assert.rejects(window.api.ensureAuthenticated(), { code: 'access_denied' });
    await dismiss(/An extension asks for your Omnispindle token/);
    await byApi;
    requireSilence(before);
  });

  it('[F6] the removal of a server or of a secret, and its new value, change nothing', async () => {
    const servers = { Notes: { url: 'https://notes.example/mcp', headers: { 'X-Key': '${secret:key}' } } };
    profile.set('omnispindle.servers', servers);
    profile.secrets.set('server:key', 'hunter2');
    const removing = window.run('omnispindle.removeServer');
    await dismiss(/Which MCP server do you want to remove/);
    await removing;
    for (const step of [0, 1, 2]) {
      const managing = window.run('omnispindle.manageSecrets');
      if (step === 0) await dismiss(/Which secret/);
      else await (await window.screen.see(/Which secret/)).answer('key');
      if (step === 1) await dismiss(/What is to be done with key/);
      if (step === 2) {
        await window.screen.press('Replace');
        await dismiss(/Value of key/);
      }
      await managing;
    }
    assert.deepEqual(profile.settings.get('omnispindle.servers'), servers);
    assert.equal(profile.secrets.get('server:key'), 'hunter2');
    requireSilence();
  });

  it('[F6] the choice of agents takes nothing back', async () => {
    const consents = createAgentConsents(profile.globalState, () => given.tenant.issuer);
    const use = { server: 'Omnispindle', target: '', agent: 'an-agent' };
    await consents.add(use);
    const revoking = window.run('omnispindle.revokeAgents');
    await dismiss(/may not be used any more/);
    await revoking;
    assert.equal(consents.has(use), true);
    requireSilence();
  });
});

describe('[F6] an error', () => {
  const given = useStandIn();

  it('[F6] is shown once and logged once, whichever way it comes', async () => {
    const window = await given.start();
    const command = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    const asked = new URL(await nextOpened(window)).searchParams;
    const answer = new URL(asked.get('redirect_uri') ?? '');
    answer.searchParams.set('error', 'access_denied');
    answer.searchParams.set('error_description', 'Not on the list.');
    answer.searchParams.set('state', asked.get('state') ?? '');
    answer.searchParams.set('iss', given.tenant.issuer);
    await window.handleUri(answer.href);
    await window.screen.see(/refused the sign-in.*Not on the list/);
    await command;
    const { all } = window.screen;
    assert.equal(all.filter(({ text }) => text.includes('Not on the list')).length, 1);
    assert.equal(window.lines.filter(line => line.includes('Not on the list')).length, 1);
  });

  it('[F6] of a renewal that is refused is logged once, however often the editor asks', async () => {
    const window = await given.start();
    given.tenant.setTokenLifetime(1);
    const command = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    await signInInBrowser(window);
    await command;
    await given.tenant.revokeSessions();
    await delay(1_100);
    const refused = () => window.getSession('omnispindle', [], { createIfNone: false });
    assert.equal(await refused(), undefined);
    assert.equal(await refused(), undefined);
    assert.equal(window.lines.filter(line => /^(?:warn|error) /.test(line)).length, 1);
    assert.deepEqual(
      window.screen.all.filter(({ kind }) => kind === 'error'),
      [],
    );
  });

  it('[F6] of what keeps sign-ins is shown once, however often the editor asks, and again after it worked', async () => {
    const profile = given.profile();
    const window = await given.start({ profile });
    const { secrets } = profile;
    const fail = () => {
      throw new Error('The keyring is locked.');
    };
    const told = () => window.screen.all.filter(({ text }) => text.includes('The keyring is locked')).length;
    const list = () => window.provider().getSessions(undefined, {});
    const { get } = secrets;
    secrets.get = fail;
    await list();
    await list();
    assert.equal(told(), 1);
    secrets.get = get;
    await list();
    secrets.get = fail;
    await list();
    assert.equal(told(), 2);
    secrets.get = get;
  });
});
