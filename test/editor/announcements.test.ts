import assert from 'node:assert/strict';
import { createAnnouncements, type ListedSession } from '../../src/editor/announcements.ts';

const sessionOf = (id: string, accessToken = `token of ${id}`): ListedSession => ({
  id,
  account: { id: `auth0|${id}`, label: `${id}@example.com` },
  accessToken,
});
const ada = sessionOf('ada');
const scopesIn = (sessions: readonly { readonly scopes: readonly string[] }[]) =>
  sessions.map(({ scopes }) => scopes);

describe('what the editor is told of sessions', () => {
  it('holds, after a sign-in, one session for each list that was asked for, in its order', () => {
    const announcements = createAnnouncements(() => true);
    announcements.heard([], []);
    announcements.heard(['write:todos', 'read:todos'], []);
    const { added, signedIn } = announcements.look([ada]);
    assert.equal(signedIn, true);
    // The editor compares the list of no scopes with `''.split(' ')`.
    assert.deepEqual(scopesIn(added), [[], [''], ['write:todos', 'read:todos']]);
    assert.deepEqual([...new Set(added.map(({ id }) => id))], ['ada']);
    assert.deepEqual(announcements.look([ada]), { added: [], removed: [], changed: [], signedIn: false });
  });

  it('holds nothing for a list that the session does not answer, and that list once it does', () => {
    let answered = false;
    const announcements = createAnnouncements((_session, list) => list.length === 0 || answered);
    announcements.heard(['audience:https://notes.example/'], []);
    assert.deepEqual(scopesIn(announcements.look([ada]).added), [[], ['']]);
    answered = true;
    const { added, signedIn } = announcements.look([ada]);
    assert.deepEqual(scopesIn(added), [['audience:https://notes.example/']]);
    assert.equal(signedIn, false);
    assert.equal(added[0]?.accessToken, '', 'a token of another list');
  });

  it('is nothing where a session answers a list that is asked for the first time', () => {
    const announcements = createAnnouncements(() => true);
    announcements.look([ada]);
    announcements.heard(['read:todos'], [ada]);
    assert.deepEqual(announcements.look([ada]).added, []);
    assert.deepEqual(scopesIn(announcements.look([ada, sessionOf('grace')]).added), [
      [],
      [''],
      ['read:todos'],
    ]);
  });

  it('names sessions that are gone, and those with another token, once', () => {
    const announcements = createAnnouncements(() => true);
    const grace = sessionOf('grace');
    announcements.look([ada, grace]);
    const renewed = sessionOf('grace', 'renewed');
    const { added, removed, changed } = announcements.look([renewed]);
    assert.deepEqual(added, []);
    assert.deepEqual(
      [...removed, ...changed].map(({ id, accessToken }) => [id, accessToken]),
      [
        ['ada', 'token of ada'],
        ['grace', 'renewed'],
      ],
    );
    assert.deepEqual(announcements.look([renewed]).changed, []);
  });
});
