import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { HttpStep } from '../environment.ts';

/** What is found out about a request while it is answered. */
export interface RequestFacts {
  /** The method of its JSON-RPC message, one of the protocol's, or `unknown`. */
  rpcMethod?: string;
  /** The tool it calls, one of ours, or `unknown`. */
  tool?: string;
  /** Whether that tool said that it failed. */
  toolFailed?: boolean;
  /** Who calls, by a pseudonym. */
  account?: string;
  /** Why it was not let in: a code of `Authorization` (RFC 6750 section 3.1), or of ours. */
  refusal?: string;
  /** Which limit it went over. */
  limited?: 'account' | 'address' | 'concurrency';
  /** The trace it belongs to (W3C Trace Context). */
  traceId?: string;
}

/** One request, for log, metrics and traces. None of it is secret, or of a person. */
export interface RequestRecord extends RequestFacts {
  readonly id: string;
  readonly method: string;
  /** One of the paths that this server has, or `unknown`: in another one there may be anything. */
  readonly path: string;
}

/** How a request ended. */
interface RequestEnd {
  readonly status: number;
  /** Milliseconds from its arrival until its answer was sent. */
  readonly ms: number;
  /** Whether the client went away before. */
  readonly isAborted: boolean;
}

/** What wants to know of every request. */
export interface Observer {
  begin?(record: RequestRecord, request: Request): void;
  end(record: RequestRecord, end: RequestEnd): void;
}

const records = new AsyncLocalStorage<RequestRecord>();
const httpMethods = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);

/** Keeps what was found out about the request that is being answered; nothing where there is none. */
export function noteRequest(facts: RequestFacts): void {
  const record = records.getStore();
  if (record) Object.assign(record, facts);
}

/** The request that is being answered. */
export function currentRequest(): RequestRecord | undefined {
  return records.getStore();
}

/**
 * Tells observers of every request. Its answer has the request's id (`X-Request-Id`), by which the log is searched.
 * @param paths those that are told as they are
 */
export function observe(observers: readonly Observer[], paths: ReadonlySet<string>): HttpStep {
  return async (context, next) => {
    const { method } = context.req;
    const outgoing = context.env?.outgoing;
    const record: RequestRecord = {
      id: randomUUID(),
      method: httpMethods.has(method) ? method : 'unknown',
      path: paths.has(context.req.path) ? context.req.path : 'unknown',
    };
    const begun = performance.now();
    const end = (status: number, isAborted = false) => {
      const ms = performance.now() - begun;
      for (const observer of observers) observer.end(record, { status, ms, isAborted });
    };
    for (const observer of observers) observer.begin?.(record, context.req.raw);
    if (outgoing) {
      outgoing.setHeader('x-request-id', record.id);
      // An answer may be a stream, which ends later than it begins.
      outgoing.once('close', () => {
        end(outgoing.statusCode, !outgoing.writableFinished);
      });
    }
    await records.run(record, next);
    if (!outgoing) end(context.res.status);
  };
}
