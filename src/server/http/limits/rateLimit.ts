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
  return { rate, take: key => consume(limiter, key) };
}

async function consume(limiter: RateLimiterAbstract, key: string): Promise<Verdict> {
  try {
    return verdict(true, await limiter.consume(key));
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    return verdict(false, error);
  }
}

const verdict = (isAllowed: boolean, { remainingPoints, msBeforeNext }: RateLimiterRes): Verdict => ({
  isAllowed,
  remaining: remainingPoints,
  resetAfter: msBeforeNext,
});
