import type { AuthenticationSession } from 'vscode';
import { announcedAs } from './scopeList.ts';

/** A session as the provider lists it, with what tells whether it was renewed. */
export interface ListedSession {
  readonly id: string;
  readonly account: AuthenticationSession['account'];
  /** The token for the default API and scopes; empty where there is none. */
  readonly accessToken: string;
}

/** What has changed since the last look. */
export interface Changes {
  readonly added: readonly AuthenticationSession[];
  readonly removed: readonly AuthenticationSession[];
  readonly changed: readonly AuthenticationSession[];
  /** Whether somebody has signed in: not every session that is added is a new sign-in. */
  readonly signedIn: boolean;
}

/** How many lists of scopes are remembered; a list that was asked for earlier is forgotten. */
const mostLists = 64;

/**
 * Finds out what to tell the editor of. To it each list of scopes that it asks for has a session of its own, and it
 * removes "Sign in" from its menu where a session that was added is for the list it asked for.
 * @param answers whether a session has what a list asks for
 */
export function createAnnouncements(answers: (session: ListedSession, list: readonly string[]) => boolean) {
  const lists = new Map<string, readonly string[]>();
  let known = new Map<string, ListedSession>();
  let told = new Set<string>();

  const nameOf = ({ id }: ListedSession, list: readonly string[]) => JSON.stringify([id, list]);

  return {
    /** The editor asks for a list: whoever answers it is no news any more. */
    heard(list: readonly string[], sessions: readonly ListedSession[]): void {
      const key = JSON.stringify(list);
      const isKnown = lists.delete(key);
      lists.set(key, [...list]);
      if (lists.size > mostLists) lists.delete(lists.keys().next().value ?? '');
      if (isKnown) return;
      for (const session of sessions) if (answers(session, list)) told.add(nameOf(session, list));
    },

    /** Compares with the last look. */
    look(sessions: readonly ListedSession[]): Changes {
      const before = known;
      const toldBefore = told;
      known = new Map(sessions.map(session => [session.id, session]));
      told = new Set();
      const added: AuthenticationSession[] = [];
      for (const session of sessions) {
        // The empty list is every session's: its account is in the editor's menu.
        for (const list of [[], ...[...lists.values()].filter(each => each.length > 0)]) {
          if (!answers(session, list)) continue;
          const name = nameOf(session, list);
          told.add(name);
          if (toldBefore.has(name)) continue;
          added.push(...announcedAs(list).map(scopes => listed(session, scopes)));
        }
      }
      const isNew = ({ id }: ListedSession) => !before.has(id);
      return {
        added,
        removed: [...before.values()].filter(({ id }) => !known.has(id)).map(session => listed(session)),
        changed: sessions
          .filter(session => !isNew(session) && before.get(session.id)?.accessToken !== session.accessToken)
          .map(session => listed(session)),
        signedIn: sessions.some(isNew),
      };
    },
  };
}

/** As the editor takes it. */
export function listed(
  { id, account, accessToken }: ListedSession,
  scopes: readonly string[] = [],
): AuthenticationSession {
  // Nobody gets the token of a list; the one that is known here is not for these scopes.
  return { id, account, accessToken: scopes.length === 0 ? accessToken : '', scopes };
}
