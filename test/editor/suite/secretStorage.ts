import assert from 'node:assert/strict';
import type { SecretStorage } from 'vscode';
import type { Session } from '../../../src/auth/session.ts';
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

  it('are set aside and reported where they cannot be read, and the others stay', async () => {
    await store().write(sessionOf('grace'));
    await store().write(sessionOf('ada'));
    const keys = (await secrets().keys()).filter(key => key.startsWith('session:'));
    assert.equal(keys.length, 2);
    let corrupted = '';
    for (const key of keys) {
      if (!(await secrets().get(key))?.includes('session of ada')) continue;
      corrupted = key;
      await secrets().store(key, '{"version":9,"secret":"of ada"}');
    }
    assert.deepEqual(await ids(), ['session of grace']);
    assert.match(log.lines.join('\n'), /could not be read and was set aside\. Sign in again/);
    assert.doesNotMatch(log.lines.join('\n'), /of ada/);
    assert.equal(await secrets().get(`corrupt:${corrupted}`), '{"version":9,"secret":"of ada"}');
    assert.equal(await secrets().get(corrupted), undefined);
    await secrets().delete(`corrupt:${corrupted}`);
  });
});
