import { RateLimiterMemory, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';

/** How many requests are let in, and in how many seconds. */
export interface Rate {
  readonly points: number;
  readonly seconds: number;
}

/** What a limit says to one request. */
export interface Verdict {
  readonly isAllowed: boolean;
  /** How many more are let in until {@link Verdict.resetAfter}, as far as is known here. */
  readonly remaining: number;
  /** Milliseconds until the count begins again. */
  readonly resetAfter: number;
}

/** A limit of requests for each of many, known by a key. */
export interface RateLimit {
  readonly rate: Rate;
  /** Counts one request. */
  take(key: string): Promise<Verdict>;
}

/** A limit that this process counts alone, in windows of a fixed length. */
export function memoryLimit(rate: Rate): RateLimit {
  const limiter = new RateLimiterMemory({ points: rate.points, duration: rate.seconds });
  return {
    rate,
    async take(key) {
      const { isAllowed, counted } = await consume(limiter, key);
      return { isAllowed, remaining: counted.remainingPoints, resetAfter: counted.msBeforeNext };
    },
  };
}

/** Counts `many` requests. @returns whether they are within the limit, and what is counted now */
export async function consume(
  limiter: RateLimiterAbstract,
  key: string,
  many = 1,
): Promise<{ readonly isAllowed: boolean; readonly counted: RateLimiterRes }> {
  try {
    return { isAllowed: true, counted: await limiter.consume(key, many) };
  } catch (error) {
    // It throws what is counted, too.
    if (!(error instanceof RateLimiterRes)) throw error;
    return { isAllowed: false, counted: error };
  }
}
