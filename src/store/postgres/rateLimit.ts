/**
 * The table in which replicas count requests together: made by the migration as rate-limiter-flexible's
 * `RateLimiterPostgres` wants it, so it takes these options with `tableCreated: true` and the store's pool.
 */
export const rateLimitTable = { schemaName: 'omnispindle', tableName: 'rate_limit' } as const;
