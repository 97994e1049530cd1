import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Observer } from './record.ts';

/** The connections of a database, as `pg.Pool` counts them. */
export interface PoolCounts {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** What the metrics are of. */
export interface MetricsOptions {
  readonly version: string;
  /** The database's connections, where it has any. */
  readonly pool?: PoolCounts | undefined;
}

/** Metrics for Prometheus. No label names an account, and each has few values. */
export interface Metrics extends Observer {
  /** The tenant's keys were asked for. */
  countKeyFetch(isDone: boolean): void;
  /** All of them, in the text format that {@link Metrics.contentType} names. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Codes that a refusal has in a metric; each other one is `other`. */
const refusals = new Set([
  'missing_token',
  'invalid_request',
  'invalid_token',
  'insufficient_scope',
  'tenant_unreachable',
]);
/** Seconds: a call takes about a millisecond, and a search of much, or a wait, more. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Builds the metrics, each set with a registry of its own. */
export function createMetrics({ version, pool }: MetricsOptions): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'omnispindle_http_requests_total',
    help: 'Requests that were answered.',
    labelNames: ['path', 'http_method', 'rpc_method', 'tool', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'omnispindle_http_request_duration_seconds',
    help: 'Time from the arrival of a request until its answer was sent.',
    labelNames: ['path', 'rpc_method', 'tool'],
    buckets,
    registers,
  });
  const inFlight = new Gauge({
    name: 'omnispindle_http_requests_in_flight',
    help: 'Requests that are being answered.',
    registers,
  });
  const toolFailures = new Counter({
    name: 'omnispindle_tool_failures_total',
    help: 'Calls of a tool that said it failed.',
    labelNames: ['tool'],
    registers,
  });
  const limited = new Counter({
    name: 'omnispindle_rate_limited_total',
    help: 'Requests that were refused because there were too many, of an account, of an address, or at a time.',
    labelNames: ['by'],
    registers,
  });
  const authFailures = new Counter({
    name: 'omnispindle_auth_failures_total',
    help: 'Requests that were not let in, by the code of the reason.',
    labelNames: ['code'],
    registers,
  });
  const keyFetches = new Counter({
    name: 'omnispindle_jwks_fetches_total',
    help: 'How often the keys of the tenant were asked for.',
    labelNames: ['outcome'],
    registers,
  });
  new Gauge({
    name: 'omnispindle_build_info',
    help: 'Version of Omnispindle and of Node.js.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.version }, 1);
  if (pool) addPool(pool, registers);

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    countKeyFetch(isDone) {
      keyFetches.inc({ outcome: isDone ? 'done' : 'failed' });
    },
    begin() {
      inFlight.inc();
    },
    end({ method, path, rpcMethod = '', tool = '', toolFailed, refusal, limited: by }, { status, ms }) {
      inFlight.dec();
      requests.inc({ path, http_method: method, rpc_method: rpcMethod, tool, status });
      durations.observe({ path, rpc_method: rpcMethod, tool }, ms / 1000);
      if (toolFailed) toolFailures.inc({ tool });
      if (by) limited.inc({ by });
      if (refusal !== undefined) authFailures.inc({ code: refusals.has(refusal) ? refusal : 'other' });
    },
  };
}

function addPool(pool: PoolCounts, registers: Registry[]): void {
  new Gauge({
    name: 'omnispindle_db_pool_connections',
    help: 'Connections to the database, in use or idle.',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'used' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
    },
  });
  new Gauge({
    name: 'omnispindle_db_pool_waiting',
    help: 'Requests that wait for a connection to the database.',
    registers,
    collect() {
      this.set(pool.waitingCount);
    },
  });
}
