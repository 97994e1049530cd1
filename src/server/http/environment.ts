import type { HttpBindings } from '@hono/node-server';
import type { Hono, MiddlewareHandler } from 'hono';
import type { Caller } from '../authenticate.ts';

/** What a request carries through the app. */
export interface HttpEnvironment {
  /** Node's own request and response; absent where a test calls `fetch` itself. */
  Bindings: Partial<HttpBindings>;
  Variables: {
    /** Whose request it is; set by {@link Guards.signedIn}. */
    caller: Caller;
    /** Whether the answer is a stream of news, which is open for as long as the client wants it. */
    isListening?: boolean;
  };
}

/** The app, to which further routes are added. */
export type HttpApp = Hono<HttpEnvironment>;

/** A step that a request passes. */
export type HttpStep = MiddlewareHandler<HttpEnvironment>;

/** What stands before a route of a signed-in account, in this order. */
export interface Guards {
  /** Refuses a foreign `Origin`, and answers a preflight (CORS). */
  readonly origin: HttpStep;
  /** Refuses who has no valid token, and knows the caller from then on. */
  readonly signedIn: HttpStep;
  /** Refuses more calls of one account at a time than it may have. */
  readonly perAccount: HttpStep;
}
