import { Hono } from 'hono';
import { createVerifier } from '../../../src/auth/verify.ts';
import { noLog } from '../../../src/common/log.ts';
import { requireKnownHost, requireKnownOrigin, type Addresses } from '../../../src/server/http/addresses.ts';
import { createHttpApp, defaultLimits, type HttpServerApp } from '../../../src/server/http/app.ts';
import { limitConcurrency } from '../../../src/server/http/concurrency.ts';
import type { HttpEnvironment } from '../../../src/server/http/environment.ts';
import { listen } from '../../../src/server/http/listen.ts';
import { createMcpEndpoint } from '../../../src/server/http/mcp.ts';
import { createJsonLog } from '../../../src/server/http/observe/jsonLog.ts';
import { startOperations } from '../../../src/server/http/operations.ts';
import { createServer } from '../../../src/server/createServer.ts';
import { namesOf } from '../../../src/server/loadouts.ts';
import { openPostgresStore, rateLimitTable, type PostgresStore } from '../../../src/store/databaseStore.ts';
import { openDirectoryStore } from '../../../src/store/directoryStore.ts';
import { benchServer, openSub } from './settings.ts';

// The server of `omnispindle serve --http`, also without what it checks: the difference is what that costs.
const { tenant, audience, mode, directory, databaseUrl, migrationUrl } = benchServer();
const postgres: PostgresStore | undefined =
  databaseUrl === undefined
    ? undefined
    : await openPostgresStore({ url: databaseUrl, migrationUrl, log: noLog });
const rows = postgres ?? (await openDirectoryStore(directory));
const json = createJsonLog(false);
/** One person of the load stands for many. */
const limits = { ...defaultLimits, concurrency: { overall: 1_024, perAccount: 1_024 } };
const enough = { points: 1_000_000, seconds: 60 };
const operations = await startOperations({
  version: '0.0.0',
  log: json.log,
  observers: [json],
  paths: ['/mcp'],
  env: {},
  logKey: Buffer.alloc(32),
  proxies: 0,
  ...(mode === 'whole' && { accountRate: enough, addressRate: enough }),
  ...(postgres && {
    database: {
      pool: postgres.pool,
      counts: {
        queries: postgres.pool,
        table: rateLimitTable.tableName,
        schema: rateLimitTable.schemaName,
      },
    },
  }),
});
const common = {
  store: operations.watchedStore(async caller => rows.of(caller)),
  loadout: 'full',
  log: json.log,
  version: '0.0.0',
  watch: operations.watch,
} as const;
const addresses: Addresses = {
  publicUrl: new URL('http://localhost:8770'),
  allowedHosts: [],
  allowedOrigins: [],
};

const server = await listen(mode === 'open' ? openApp() : checkedApp(), {
  host: '127.0.0.1',
  port: 0,
  stopLimit: 1_000,
});
process.stdout.write(`${server.url}/mcp\n`);

function checkedApp(): HttpServerApp {
  return createHttpApp({
    ...common,
    ...addresses,
    verify: createVerifier({ ...tenant, audience }, { seeksAtOnce: true }),
    issuer: tenant.issuer,
    resource: audience,
    checkStore: () => Promise.resolve(),
    limits,
    first: operations.first,
    afterSignIn: operations.afterSignIn,
  });
}

/** The same steps, without those that look at who calls. */
function openApp(): HttpServerApp {
  const app = new Hono<HttpEnvironment>();
  const concurrency = limitConcurrency(limits.concurrency);
  const mcp = createMcpEndpoint({
    createServer: authenticate => createServer({ ...common, authenticate }),
    toolNames: namesOf('full'),
    metadataUrl: audience,
    log: noLog,
    limits,
    sendsOnlyAnswers: true,
  });
  app.use(...operations.first, async (context, next) => {
    await next();
    context.header('x-content-type-options', 'nosniff');
  });
  app.use(requireKnownHost(addresses));
  app.all(
    '/mcp',
    requireKnownOrigin(addresses),
    concurrency.overall,
    async (context, next) => {
      context.set('caller', { issuer: tenant.issuer, sub: openSub, scopes: [] });
      await next();
    },
    concurrency.perAccount,
    mcp.answer,
  );
  return {
    fetch: async (request, env = {}) => app.fetch(request, env),
    beginStop: () => undefined,
    idle: concurrency.idle,
    close: mcp.close,
  };
}
