import type { Grant, LoginHints } from './flows/flow.ts';
import type { Log } from './log.ts';
import type { Session } from './session.ts';
import type { SessionStore } from './sessionStore.ts';
import type { Tenant } from './tenant.ts';
import type { TokenRequest } from './tokenSource.ts';

export interface SessionRequest extends TokenRequest {
  /** The account's `sub`, e-mail or label; any account where absent. */
  readonly account?: string;
  /** Scopes the session must hold; the default scopes are always asked for. */
  readonly scopes?: readonly string[];
  readonly hints?: LoginHints;
}

/** Carries out one interactive sign-in: tries the flows that fit, in order. */
export type SignIn = (request: {
  readonly tenant: Tenant;
  readonly scopes: readonly string[];
  readonly hints: LoginHints;
  readonly signal: AbortSignal;
  readonly onProgress: (message: string) => void;
}) => Promise<Grant>;

/** A person's sessions at the tenant: found, renewed, begun and ended, once across all processes. */
export interface Authenticator {
  /** The tenant's stored sessions as they are, renewing nothing. */
  list(): Promise<Session[]>;
  /** A session good now, renewed where needed; undefined where only a person could help. */
  silent(request?: SessionRequest): Promise<Session | undefined>;
  /** A session good now, signing in where needed; any number of waiting processes share one sign-in. */
  ensure(request?: SessionRequest): Promise<Session>;
  /** A new sign-in, even where a session exists. */
  signIn(request?: SessionRequest): Promise<Session>;
  /** Revokes the refresh token (RFC 7009) and forgets the session, the latter even when the tenant is down. */
  signOut(id: string): Promise<void>;
  onDidChange(listener: () => void): { dispose(): void };
}

export interface AuthenticatorOptions {
  readonly tenant: () => Tenant;
  readonly store: SessionStore;
  readonly signIn: SignIn;
  /** A directory of the user's own, for the locks that processes and windows share. */
  readonly directory: string;
  readonly log: Log;
}
