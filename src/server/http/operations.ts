import type { Verify } from '../../auth/verify.ts';
import { isOmnispindleError } from '../../common/errors.ts';
import type { Log } from '../../common/log.ts';
import type { Caller } from '../authenticate.ts';
import type { HttpAppOptions } from './app.ts';
import type { HttpStep } from './environment.ts';
import { memoryLimit, type Rate, type RateLimit } from './limits/rateLimit.ts';
import { sharedLimit, type Limited, type SharedCounts } from './limits/sharedLimit.ts';
import { limitAccounts, limitAddresses } from './limits/steps.ts';
import type { Metrics, PoolCounts } from './observe/metrics.ts';
import { pseudonymsBy } from './observe/pseudonym.ts';
import { noteRefusal } from './observe/noteRefusal.ts';
import { noteRequest, observe, type Observer } from './observe/record.ts';
import { spannedStore } from './observe/spans.ts';
import { watchTool } from './observe/watchTool.ts';

/** Loaded where they are wanted: each takes longer to load than the rest of the server's own code. */
const late = {
  metrics: () => import('./observe/metrics.ts'),
  metricsServer: () => import('./observe/metricsServer.ts'),
  traces: () => import('./observe/exportTraces.ts'),
};

/** Most connections of the database that requests without a valid token may hold: the others are for who has one. */
const mostAskedByStrangers = 2;

/** How a server is watched, and what it is limited to. */
export interface OperationsSettings {
  /** Where metrics are served; nowhere where absent. */
  readonly metrics?: { readonly port: number; readonly host?: string } | undefined;
  readonly accountRate?: Rate | undefined;
  readonly addressRate?: Rate | undefined;
  /** How many proxies of the operator's a request passes. */
  readonly proxies: number;
}

/** What else operations are made of. */
export interface OperationsOptions extends OperationsSettings {
  readonly version: string;
  readonly log: Log;
  /** What is told of each request: the log. */
  readonly observers: readonly Observer[];
  /** By which accounts are called in the log, the same on all replicas: secret, 32 bytes. */
  readonly logKey: Uint8Array;
  /** The paths that are told as they are. */
  readonly paths: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** The database that the replicas share, where they do. */
  readonly database?: { readonly counts: SharedCounts; readonly pool: PoolCounts } | undefined;
}

/** Logs, metrics, traces and limits of a server, to be put into its app. */
export interface Operations extends Required<Pick<HttpAppOptions, 'first' | 'afterSignIn' | 'watch'>> {
  /** Where the metrics are. */
  readonly metricsUrl: string | undefined;
  /** The same check, watched. */
  watchedVerify(verify: Verify): Verify;
  /** The same store, watched. */
  watchedStore(store: HttpAppOptions['store']): HttpAppOptions['store'];
  /** To be told of each fetch of the tenant's keys. */
  countKeyFetch(isDone: boolean): void;
  /** Ends them, after the last request. */
  close(): Promise<void>;
}

/** Starts them. @throws OmnispindleError `invalid_settings` where metrics cannot be served */
export async function startOperations(options: OperationsOptions): Promise<Operations> {
  const { version, log, database, env = process.env } = options;
  const metrics = options.metrics && (await startMetrics(options.metrics, options));
  const traces = wantsTraces(env) ? (await late.traces()).exportTraces(version, log, env) : undefined;
  const spans = traces?.spans;
  const observers = [
    ...options.observers,
    ...(metrics ? [metrics.metrics] : []),
    ...(spans ? [spans.observer] : []),
  ];
  const { accountRate, addressRate } = options;
  const limitOf = (rate: Rate, limited: Limited): RateLimit =>
    database ? sharedLimit(rate, database.counts, limited) : memoryLimit(rate);
  const accounts = accountRate && limitOf(accountRate, { what: 'account' });
  const first: HttpStep[] = [observe(observers, new Set(options.paths)), noteRefusal];
  if (addressRate) {
    const addresses = limitOf(addressRate, { what: 'address', mostAsked: mostAskedByStrangers });
    first.push(limitAddresses(addresses, options.proxies));
  }

  return {
    first,
    afterSignIn: [limitAccounts(accounts, pseudonymsBy(options.logKey))],
    watch: watchTool(spans),
    metricsUrl: metrics?.url,
    watchedVerify: verify => async (token, receivedAt) => {
      try {
        const check = () => verify(token, receivedAt);
        return await (spans ? spans.within('verify_access_token', {}, check) : check());
      } catch (error) {
        if (isOmnispindleError(error)) noteRequest({ refusal: error.code });
        throw error;
      }
    },
    watchedStore: store =>
      spans
        ? async (caller: Caller) =>
            spannedStore(await store(caller), database ? 'postgresql' : 'sqlite', spans)
        : store,
    countKeyFetch(isDone) {
      metrics?.metrics.countKeyFetch(isDone);
    },
    async close() {
      await Promise.all([metrics?.close(), traces?.close()]);
    },
  };
}

interface RunningMetrics {
  readonly metrics: Metrics;
  readonly url: string;
  close(): Promise<void>;
}

async function startMetrics(
  { port, host }: NonNullable<OperationsSettings['metrics']>,
  { version, database }: OperationsOptions,
): Promise<RunningMetrics> {
  const [{ createMetrics }, { serveMetrics }] = await Promise.all([late.metrics(), late.metricsServer()]);
  const metrics = createMetrics({ version, pool: database?.pool });
  const { url, close } = await serveMetrics(metrics, port, host);
  return { metrics, url, close };
}

/** Whether traces are wanted: where an endpoint for them is named (OpenTelemetry's "OTLP Exporter Configuration"). */
function wantsTraces(env: NodeJS.ProcessEnv): boolean {
  const isNamed = env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  return Boolean(isNamed) && env['OTEL_SDK_DISABLED'] !== 'true' && env['OTEL_TRACES_EXPORTER'] !== 'none';
}
