import type { Session } from './session.ts';

/** Keeps sessions, one entry an account. Every process and window of a user sees the same entries. */
export interface SessionStore {
  /**
   * Every readable session, read anew. An entry that is corrupt or of an unknown version is set aside and
   * reported in the log, never thrown.
   */
  list(): Promise<Session[]>;
  /** Checks that a write would work, before a person signs in for nothing. @throws AuthError `storage_failed` */
  probe(): Promise<void>;
  /** Adds the session, or replaces the one of the same account. @throws AuthError `storage_failed` */
  write(session: Session): Promise<void>;
  /** Forgets the session with that `id`; nothing happens when there is none. */
  remove(id: string): Promise<void>;
  /** Calls the listener after a change made here or by another window; stop it with `dispose`. */
  onDidChange(listener: () => void): { dispose(): void };
}
