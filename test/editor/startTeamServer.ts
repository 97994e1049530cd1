import { createVerifier } from '../../src/auth/verify.ts';
import { createHttpApp, mcpPath } from '../../src/server/http/app.ts';
import { listen } from '../../src/server/http/listen.ts';
import { lateStore } from '../../src/store/lateStore.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import type { Owner } from '../../src/store/store.ts';
import { memoryLog } from '../auth/fixtures.ts';
import { freePort } from '../freePort.ts';
import type { TenantApi } from '../tenant/options.ts';
import type { DemoTenant } from '../tenant/tenant.ts';
import { appOptions } from '../server/http/appOptions.ts';

/** A team's server that the suite can end, as if it were out of reach: whoever asks for this path does. */
export const endPath = '/end';

/** A team's server that is about to listen. */
export interface TeamServer {
  /** What the tenant must know of it. */
  readonly api: TenantApi;
  /** Serves the accounts of that tenant. */
  start(tenant: DemoTenant): Promise<void>;
  stop(): Promise<void>;
  /** What answers in its place, where it gives an answer. */
  answer?: ((request: Request) => Response | undefined) | undefined;
}

/**
 * Prepares a team's server: the tenant has to know its address before it can start.
 * @param directory where its database is
 */
export async function prepareTeamServer(directory: string): Promise<TeamServer> {
  const port = await freePort();
  const publicUrl = new URL(`http://127.0.0.1:${String(port)}`);
  const resource = new URL(mcpPath, publicUrl).href;
  const store = lateStore<Owner>(() => openSqliteStore(directory));
  let stop = () => Promise.resolve(true);
  const team: TeamServer = {
    api: { identifier: resource, scopes: ['omnispindle:read', 'omnispindle:write'] },
    async start(tenant) {
      const app = createHttpApp({
        verify: createVerifier({ ...tenant, audience: resource }),
        issuer: tenant.issuer,
        resource,
        publicUrl,
        ...appOptions,
        store: store.of,
        log: memoryLog(),
        addRoutes(routes) {
          routes.post(endPath, context => {
            // It waits for what is under way, this answer too.
            setImmediate(() => void stop());
            return context.text('It ends.');
          });
        },
      });
      const answering: typeof app = {
        ...app,
        fetch: async request => team.answer?.(request) ?? app.fetch(request),
      };
      const server = await listen(answering, { host: '127.0.0.1', port, stopLimit: 1_000 });
      stop = () => server.close();
    },
    async stop() {
      await stop().catch(() => undefined);
      await store.close();
    },
  };
  return team;
}
