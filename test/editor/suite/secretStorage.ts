import assert from 'node:assert/strict';
import type { SecretStorage } from 'vscode';
import { keyOf, type Session } from '../../../src/sessions/session.ts';
import { createSecretSessionStore } from '../../../src/editor/secretSessionStore.ts';
import { memoryLog } from '../../auth/fixtures.ts';
import { suiteContext } from './context.ts';
import { eventually } from './helpers.ts';

const sessionOf = (name: string, more: Partial<Session> = {}): Session => ({
  version: 1,
  id: `session of ${name}`,
  tenant: { domain: 'https://tenant.example', clientId: 'client', audience: 'https://api.example' },
  account: { id: `auth0|${name}`, label: `${name}@example.com` },
  scopes: ['openid'],
  accessToken: `access token of ${name}`,
  refreshToken: `refresh token of ${name}`,
  signedInAt: 1,
  expiresAt: Date.now() + 3_600_000,
  lifetime: 3_600_000,
  ...more,
});

describe('sessions in the editor’s SecretStorage', () => {
  const log = memoryLog();
  // Newer than the oldest editor we support, whose types these are.
  const secrets = () => suiteContext().secrets as SecretStorage & { keys(): Thenable<string[]> };
  const store = () => createSecretSessionStore(secrets(), log);
  const ids = async () => (await store().list()).map(({ id }) => id).sort();

  afterEach(async () => {
    for (const { id } of await store().list()) await store().remove(id);
  });

  it('are kept one entry an account, and replaced by that account’s next', async () => {
    await store().write(sessionOf('ada'));
    await store().write(sessionOf('grace'));
    await store().write(sessionOf('ada', { id: 'next session of ada' }));
    assert.deepEqual(await ids(), ['next session of ada', 'session of grace']);
    assert.deepEqual(
      (await store().list()).find(({ id }) => id === 'session of grace')?.account,
      sessionOf('grace').account,
    );
  });

  it('are forgotten one by one', async () => {
    await store().write(sessionOf('ada'));
    await store().write(sessionOf('grace'));
    await store().remove('session of ada');
    await store().remove('no such session');
    assert.deepEqual(await ids(), ['session of grace']);
  });

  it('tell of each change', async () => {
    let changes = 0;
    const watching = store().onDidChange(() => changes++);
    await store().write(sessionOf('ada'));
    await eventually('the news of a sign-in', () => changes > 0);
    const before = changes;
    await store().remove('session of ada');
    await eventually('the news of a sign-out', () => changes > before);
    watching.dispose();
  });

  it('[T10] are left as they are where they cannot be read, which is said once, and the next is put beside', async () => {
    await store().write(sessionOf('grace'));
    await store().write(sessionOf('ada'));
    const name = `session:${keyOf(sessionOf('ada'))}`;
    const strange = '{"version":9,"secret":"of ada"}';
    await secrets().store(name, strange);
    log.lines.length = 0;
    const here = store();
    for (const list of [here.list, here.list]) {
      assert.deepEqual(
        (await list()).map(({ id }) => id),
        ['session of grace'],
      );
    }
    assert.equal(log.lines.length, 1, log.lines.join('\n'));
    assert.match(log.lines[0] ?? '', /could not be read.*It is left as it is\. Sign in again/);
    assert.doesNotMatch(log.lines.join('\n'), /of ada/);
    await here.write(sessionOf('ada'));
    await here.write(sessionOf('ada', { accessToken: 'renewed' }));
    assert.deepEqual(await ids(), ['session of ada', 'session of grace']);
    assert.equal(await secrets().get(name), strange);
    const { unreadable, tokens } = await here.clear(keyOf(sessionOf('ada')));
    assert.equal(unreadable, 1);
    assert.deepEqual(
      tokens.map(({ refreshToken }) => refreshToken),
      ['refresh token of ada'],
    );
    assert.deepEqual(await here.keys(), [keyOf(sessionOf('grace'))]);
    assert.equal(await secrets().get(name), undefined);
  });

  it('[T10] go at a sign-out with what an earlier version set aside, and with what they replaced', async () => {
    const key = keyOf(sessionOf('ada'));
    await secrets().store(
      `corrupt:session:${key}`,
      JSON.stringify(sessionOf('ada', { refreshToken: 'aside' })),
    );
    await store().write(sessionOf('ada', { id: 'first', refreshToken: 'first' }));
    await store().write(sessionOf('ada'));
    const { unreadable, tokens } = await store().clear(key);
    assert.equal(unreadable, 0);
    assert.deepEqual(tokens.map(({ refreshToken }) => refreshToken).sort(), [
      'aside',
      'first',
      'refresh token of ada',
    ]);
    assert.deepEqual(
      (await secrets().keys()).filter(name => name.includes(key)),
      [],
    );
  });
});
