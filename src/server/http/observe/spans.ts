import { AsyncLocalStorage } from 'node:async_hooks';
import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type TextMapPropagator,
  type Tracer,
} from '@opentelemetry/api';
import { isOmnispindleError } from '../../../common/errors.ts';
import type { PersonalStore } from '../../../store/store.ts';
import { currentRequest, type Observer, type RequestRecord } from './record.ts';

/** Makes spans of requests, and of what is done for one (OpenTelemetry). No attribute is secret, or of a person. */
export interface Spans {
  readonly observer: Observer;
  /** Runs a part of the request that is being answered in a span of its own. */
  within<T>(name: string, attributes: Attributes, run: () => Promise<T>): Promise<T>;
}

/** The parts that spans are made of. */
export interface SpansOptions {
  readonly tracer: Tracer;
  /** Reads of a request which trace it belongs to. */
  readonly propagator: TextMapPropagator;
}

/** Builds the spans: one for each request, which goes on with the trace that its client began. */
export function createSpans({ tracer, propagator }: SpansOptions): Spans {
  const roots = new WeakMap<RequestRecord, Span>();
  const parents = new AsyncLocalStorage<Span>();

  function parentContext(): Context | undefined {
    const record = currentRequest();
    const parent = parents.getStore() ?? (record && roots.get(record));
    return parent && trace.setSpan(ROOT_CONTEXT, parent);
  }

  return {
    observer: {
      begin(record, { headers }) {
        const traced = pick(headers, propagator.fields());
        const parent = propagator.extract(ROOT_CONTEXT, traced, defaultTextMapGetter);
        const attributes = {
          'http.request.method': httpMethodOf(record),
          'url.path': record.path,
          'url.scheme': 'http',
        };
        const span = tracer.startSpan(httpMethodOf(record), { kind: SpanKind.SERVER, attributes }, parent);
        roots.set(record, span);
        record.traceId = span.spanContext().traceId;
      },
      end(record, { status, isAborted }) {
        const span = roots.get(record);
        if (!span) return;
        if (record.path !== 'unknown') span.setAttribute('http.route', record.path);
        span.updateName(nameOf(record));
        span.setAttributes({
          'http.response.status_code': status,
          'omnispindle.request.id': record.id,
          ...(record.rpcMethod !== undefined && { 'mcp.method.name': record.rpcMethod }),
          ...(record.tool !== undefined && { 'gen_ai.tool.name': record.tool }),
          ...(status >= 500 && { 'error.type': String(status) }),
          ...(isAborted && { 'omnispindle.request.aborted': true }),
        });
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    },
    async within(name, attributes, run) {
      const parent = parentContext();
      if (!parent) return run();
      const span = tracer.startSpan(name, { attributes }, parent);
      try {
        return await parents.run(span, run);
      } catch (error) {
        // Not its message, which may tell of a person.
        span.setAttribute('error.type', typeOf(error));
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
  };
}

/** They read piece by piece, as they are asked to. */
const piecewise: ReadonlySet<unknown> = new Set<keyof PersonalStore>(['eachLesson', 'exportRecords']);

/** Has each method of a store run in a span (OpenTelemetry's conventions for databases). */
export function spannedStore(
  personal: PersonalStore,
  system: 'postgresql' | 'sqlite',
  { within }: Spans,
): PersonalStore {
  return new Proxy(personal, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function' || piecewise.has(name)) return method;
      const operation = String(name);
      const attributes = { 'db.system.name': system, 'db.operation.name': operation };
      return (...values: unknown[]) =>
        within(
          `${system} ${operation}`,
          attributes,
          () => Reflect.apply(method, target, values) as Promise<unknown>,
        );
    },
  });
}

function pick(headers: Headers, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap(name => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** As HTTP's semantic conventions name an unknown method. */
const httpMethodOf = ({ method }: RequestRecord): string => (method === 'unknown' ? '_OTHER' : method);

/** As the semantic conventions for MCP name a span, else as those for HTTP do. */
function nameOf(record: RequestRecord): string {
  const { rpcMethod, tool, path } = record;
  if (rpcMethod !== undefined) return tool === undefined ? rpcMethod : `${rpcMethod} ${tool}`;
  return path === 'unknown' ? httpMethodOf(record) : `${httpMethodOf(record)} ${path}`;
}

function typeOf(error: unknown): string {
  if (isOmnispindleError(error)) return error.code;
  return error instanceof Error ? error.name : '_OTHER';
}
