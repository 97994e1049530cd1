import { setTimeout as delay } from 'node:timers/promises';
import { RateLimiterMemory, RateLimiterPostgres, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { consume, type Rate, type RateLimit, type Verdict } from './rateLimit.ts';

/** What asks the database; `pg.Pool` is one. */
export interface Queries {
  query(query: { text: string; values?: unknown[]; name?: string }): Promise<unknown>;
}

/** Where the replicas' counts are. */
export interface SharedCounts {
  readonly queries: Queries;
  readonly table: string;
  readonly schema?: string;
  /** Longest time (ms) that the database has to answer: then this process counts alone for a while. */
  readonly timeLimit?: number;
  /** How long (ms) it is not asked after that. */
  readonly pause?: number;
}

/** What a limit is of. */
export interface Limited {
  /** What its counts are called. */
  readonly what: 'account' | 'address';
  /** Most questions to the database at a time; where there would be more, this process counts alone. */
  readonly mostAsked?: number;
}

/** Into how many parts a rate is divided: a replica takes one at a time, and so asks the database this often at most. */
const parts = 20;
/** From how many keys on those are forgotten whose time is over; then from twice as many as are left. */
const sweepFrom = 1_000;

interface Lease {
  /** Requests that may still be let in without asking. */
  left: number;
  /** What was left in the database when it was asked. */
  beyond: number;
  /** Until when (ms since the epoch) it counts. */
  until: number;
  asking?: Promise<void>;
}

/**
 * A limit that replicas share through Postgres. A replica takes some requests of a window at once and lets them in by
 * itself, so that most requests ask no database; together they never let in more than the rate says. While the database
 * does not answer each replica counts alone.
 */
export function sharedLimit(
  rate: Rate,
  counts: SharedCounts,
  limited: Limited = { what: 'account' },
): RateLimit {
  const { points, seconds } = rate;
  const part = Math.max(1, Math.floor(points / parts));
  const limiter = postgresLimiter(rate, counts, limited);
  const leases = new Map<string, Lease>();
  let sweepAt = sweepFrom;

  async function ask(key: string, lease: Lease): Promise<void> {
    const { consumedPoints, msBeforeNext } = (await consume(limiter, key, part)).counted;
    const before = consumedPoints === 0 ? points : consumedPoints - part;
    lease.left = Math.max(0, Math.min(part, points - before));
    lease.beyond = Math.max(0, points - before - part);
    // The clocks of replicas differ, and a window is never longer than this.
    lease.until = Date.now() + Math.min(Math.max(msBeforeNext, 1), seconds * 1_000);
  }

  function leaseOf(key: string): Lease {
    let lease = leases.get(key);
    if (!lease) {
      if (leases.size >= sweepAt) {
        sweep(leases);
        sweepAt = Math.max(sweepFrom, 2 * leases.size);
      }
      lease = { left: 0, beyond: 0, until: 0 };
      leases.set(key, lease);
    }
    return lease;
  }

  return {
    rate,
    async take(key): Promise<Verdict> {
      const lease = leaseOf(key);
      for (;;) {
        const now = Date.now();
        const isOver = lease.until <= now || lease.until > now + seconds * 1_000;
        const verdict = { remaining: lease.left + lease.beyond, resetAfter: lease.until - now };
        if (!isOver && lease.left > 0) {
          lease.left--;
          return { ...verdict, isAllowed: true, remaining: verdict.remaining - 1 };
        }
        if (!isOver && lease.beyond === 0) return { ...verdict, isAllowed: false };
        lease.asking ??= ask(key, lease).finally(() => {
          delete lease.asking;
        });
        await lease.asking;
      }
    },
  };
}

function sweep(leases: Map<string, Lease>): void {
  const now = Date.now();
  for (const [key, { until, asking }] of leases) if (until <= now && !asking) leases.delete(key);
}

function postgresLimiter(
  { points, seconds }: Rate,
  counts: SharedCounts,
  { what, mostAsked = Infinity }: Limited,
): RateLimiterAbstract {
  return new RateLimiterPostgres({
    storeClient: patient(counts, mostAsked),
    storeType: 'client',
    tableName: counts.table,
    ...(counts.schema !== undefined && { schemaName: counts.schema }),
    tableCreated: true,
    keyPrefix: what,
    points,
    duration: seconds,
    inMemoryBlockOnConsumed: points,
    insuranceLimiter: new RateLimiterMemory({ keyPrefix: what, points, duration: seconds }),
  });
}

/** Fails soon where the database does not answer, and then at once for a while; and where it is asked too much at a time. */
function patient({ queries, timeLimit = 1_000, pause = 2_000 }: SharedCounts, mostAsked: number): Queries {
  let notBefore = 0;
  let asked = 0;
  return {
    async query(query) {
      if (Date.now() < notBefore && notBefore - Date.now() <= pause) throw new Error('paused');
      if (asked >= mostAsked) throw new Error('busy');
      asked++;
      const limit = new AbortController();
      try {
        return await Promise.race([
          queries.query(query),
          delay(timeLimit, undefined, { signal: limit.signal }).then(() => {
            throw new Error('The database did not answer in time.');
          }),
        ]);
      } catch (error) {
        notBefore = Date.now() + pause;
        throw error;
      } finally {
        asked--;
        limit.abort();
      }
    },
  };
}
