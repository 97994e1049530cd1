import type { HttpBindings } from '@hono/node-server';
import type { Hono, MiddlewareHandler } from 'hono';
import type { Caller } from '../authenticate.ts';

/** What a request carries through the app. */
export interface HttpEnvironment {
  /** Node's own request and response; absent where a test calls `fetch` itself. */
  Bindings: Partial<HttpBindings>;
  Variables: {
    /** Whose request it is; set by `requireSignedIn`. */
    caller: Caller;
    /** Counts so many more requests of this account; set where accounts are limited. @returns the refusal, where there is one */
    countMore?: (many: number) => Promise<Response | undefined>;
    /** Whether the answer is a stream of news, which is open for as long as the client wants it. */
    isListening?: boolean;
  };
}

/** The app, to which further routes are added. */
export type HttpApp = Hono<HttpEnvironment>;

/** A step that a request passes. */
export type HttpStep = MiddlewareHandler<HttpEnvironment>;
