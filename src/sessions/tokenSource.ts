import type { LoginHints } from '../auth/flows/flow.ts';
import type { OnProgress } from './signInEvent.ts';

/** What the person must be told once. */
export interface Notice {
  /** Where they sign in, as whom, or which file was not used. */
  readonly about: 'tenant' | 'token' | 'file';
  readonly message: string;
}

/** A stronger or a newer sign-in (RFC 9470 section 3); `maxAge` is in seconds. */
export type StepUp = Pick<LoginHints, 'acrValues' | 'maxAge'>;

/** What somebody who needs a token says about the need. */
export interface TokenRequest {
  /** Aborted when the caller no longer waits. A sign-in that others wait for goes on without it. */
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  /** Takes a notice to the person. @returns whether it gets there; if not, the next need is asked to */
  readonly onNotice?: (notice: Notice) => boolean;
  /** The API that the token is for, by its identifier; the tenant's default one where absent. */
  readonly audience?: string;
  /** Scopes the token must have, besides the default ones. */
  readonly scopes?: readonly string[];
  /**
   * An access token that a server refused although it looked valid: another one is obtained, once a minute at most.
   * The same one comes back where there is no other: nobody is asked to sign in because a server refuses.
   */
  readonly rejected?: string;
  /**
   * The sign-in that the server wants behind the token (RFC 9470): with `rejected`, the person signs in again. Only where
   * they have agreed to that.
   */
  readonly hints?: StepUp;
  /** Asks nobody and waits for nobody's sign-in: where only a person could help, it fails at once with `login_required`. */
  readonly silent?: boolean;
}

/** An access token and, where known, how long it lives and whose it is. */
export interface Token {
  readonly accessToken: string;
  /** When it ends, in milliseconds since the epoch by this machine's clock. */
  readonly expiresAt?: number;
  /** How long (ms) it lived when it arrived. */
  readonly lifetime?: number;
  readonly account?: {
    readonly label: string;
    readonly name?: string | undefined;
    readonly email?: string | undefined;
  };
}

/** Gives a valid token: from the editor's broker, this machine's sessions, or the environment. */
export interface TokenSource {
  /** @throws OmnispindleError with a message that says what to do next. */
  getToken(request: TokenRequest): Promise<Token>;
  /** Whether whoever gives the tokens asks the person for what they have not allowed yet, and remembers what they said. */
  readonly asksPerson?: boolean;
  /** Calls the listener whenever tokens given before must not be used any more: after a sign-out, for example. */
  onInvalidate?(listener: () => void): void;
  /** Tells whoever shows it to the person why the server of the tokens cannot be reached; undefined where it can again. */
  readonly report?: (problem: string | undefined) => void;
  /** Lets go of what would keep the process alive. */
  dispose?(): void;
}
