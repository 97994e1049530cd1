import type { Forgotten } from './forgotten.ts';
import type { Session } from './session.ts';

/**
 * Keeps sessions, one entry an account. Every process and window of a user sees the same entries. One that
 * cannot be read, because it is damaged, of another version or sealed with another key, is reported in the
 * log once a process and left as it is, for whoever can read it; only {@link clear} removes it.
 */
export interface SessionStore {
  /** Every readable session, read again. */
  list(): Promise<Session[]>;
  /** The keys (`sessionKey`) of all accounts that have an entry, readable or not. */
  keys(): Promise<string[]>;
  /** Checks that a write would work, before a person signs in for nothing. @throws OmnispindleError `storage_failed` */
  probe(): Promise<void>;
  /**
   * Adds the session, or replaces the one of the same account, whose refresh token is remembered in it.
   * @throws OmnispindleError `storage_failed`
   */
  write(session: Session): Promise<void>;
  /**
   * Forgets the session with that `id`, which the tenant has ended; nothing happens when there is none. The
   * refresh tokens it replaced stay for {@link clear}.
   */
  remove(id: string): Promise<void>;
  /** Removes everything there is of that account, readable or not. @returns what was in it */
  clear(key: string): Promise<Forgotten>;
  /** Calls the listener after a change made here or by another window; stop it with `dispose`. */
  onDidChange(listener: () => void): { dispose(): void };
}
