import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../freePort.ts';
import { startPostgres, type TestPostgres } from '../postgres.ts';
import { processesWith, untilNone } from '../terminal/processes.ts';
import { startTenant, type DemoTenant, type TenantOptions } from '../tenant/tenant.ts';
import { startBalancer, type Balancer } from './balancer.ts';
import { createReplica, type ReplicaProcess } from './replica.ts';

/** What a token of the team's server may allow. */
export const teamScopes = ['omnispindle:read', 'omnispindle:write'];

/** A whole team's server: a tenant, a database, replicas, and a balancer in front. */
export interface Team extends AsyncDisposable {
  /** What people give their clients. */
  readonly url: string;
  readonly tenant: DemoTenant;
  readonly postgres: TestPostgres;
  readonly replicas: readonly [ReplicaProcess, ReplicaProcess];
  readonly balancer: Balancer;
  /** A private folder, which is removed in the end. */
  readonly directory: string;
}

interface TeamOptions {
  readonly tenant?: TenantOptions;
  /** Variables of the replicas, besides those that they need. */
  readonly env?: Record<string, string>;
  readonly hear?: (line: string) => void;
}

/**
 * Starts a tenant, a Postgres, two replicas and a balancer on this machine. Its parts end with it, the last one first;
 * also where it does not come to be.
 */
export async function startTeam({ tenant: options, env, hear }: TeamOptions = {}): Promise<Team> {
  const endings: (() => unknown)[] = [];
  async function end(): Promise<void> {
    for (const ending of endings.splice(0).reverse()) await ending();
  }

  try {
    const directory = mkdtempSync(join(tmpdir(), 'omnispindle-team-'));
    endings.push(async () => {
      await endAllIn(directory);
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    });
    const publicUrl = `http://127.0.0.1:${String(await freePort())}`;
    const url = `${publicUrl}/mcp`;
    const tenant = await startTenant({ ...options, apis: [{ identifier: url, scopes: teamScopes }] });
    endings.push(tenant.close);
    const postgres = await startPostgres({ isOwn: true });
    endings.push(() => postgres[Symbol.asyncDispose]());
    const replica = async (name: string) => {
      mkdirSync(join(directory, name));
      const made = await createReplica({
        publicUrl,
        directory: join(directory, name),
        env: {
          AUTH0_DOMAIN: tenant.domain,
          DATABASE_URL: postgres.databaseUrl,
          DATABASE_MIGRATION_URL: postgres.migrationUrl,
          ...env,
        },
        ...(hear && { hear }),
      });
      return made;
    };
    const replicas = [await replica('first'), await replica('second')] as const;
    endings.push(() => Promise.all(replicas.map(({ stop }) => stop())));
    // At the same time: whichever is second finds the tables there.
    await Promise.all(replicas.map(({ start }) => start()));
    const balancer = await startBalancer(
      replicas.map(({ origin }) => origin),
      { port: Number(new URL(publicUrl).port) },
    );
    endings.push(balancer.close);
    return { url, tenant, postgres, replicas, balancer, directory, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Ends what goes on by itself with its files there, as a sign-in does; known on Linux alone. */
async function endAllIn(directory: string): Promise<void> {
  if (!existsSync('/proc/self/environ')) return;
  for (const { pid } of processesWith(directory)) process.kill(pid, 'SIGKILL');
  await untilNone(() => processesWith(directory), 5_000);
}
