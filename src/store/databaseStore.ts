// The one place that chooses what keeps the todos and lessons of a team. Lint lets no other file of ours name it.

export { rateLimitTable } from './postgres/rateLimit.ts';
export { openPostgresStore, type PostgresOptions, type PostgresStore } from './postgres/postgresStore.ts';
