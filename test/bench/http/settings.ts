/** How a server that is measured is set up; its parent passes it in `OMNISPINDLE_BENCH_SERVER`. */
export interface BenchServer {
  readonly tenant: { readonly domain: string; readonly clientId: string; readonly issuer: string };
  readonly audience: string;
  /** `open`: whoever calls is {@link openCaller}; `checked`: with bearer checks; `whole`: with these and limits. */
  readonly mode: 'open' | 'checked' | 'whole';
  /** Where SQLite keeps todos. */
  readonly directory: string;
  /** Postgres instead. */
  readonly databaseUrl?: string;
  readonly migrationUrl?: string;
}

/** Whose todo is asked for. */
export const openSub = 'auth0|ada';

/** @throws Error where nobody passed any */
export function benchServer(): BenchServer {
  const text = process.env['OMNISPINDLE_BENCH_SERVER'];
  if (text === undefined) throw new Error('This is started by "npm run bench -- http".');
  return JSON.parse(text) as BenchServer;
}
