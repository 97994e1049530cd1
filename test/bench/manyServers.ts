import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DemoTenant } from '../tenant/tenant.ts';
import { call, serve, visits, type Served } from '../terminal/fixtures.ts';
import { ms, table } from './measure.ts';

const many = 100;
/** How many are started at a time. */
const batch = 10;

/** Servers of one person that all need a token at the same moment, and what that costs the tenant. */
export async function benchManyServers(tenant: DemoTenant): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'omnispindle-bench-'));
  const servers: Served[] = [];
  try {
    while (servers.length < many) {
      const started = Array.from({ length: batch }, () => serve({ tenant, directory }));
      servers.push(...(await Promise.all(started)));
    }
    tenant.setTokenLifetime(1);
    await everyAnswer(servers.slice(0, 1));
    await delay(1_500);
    tenant.setTokenLifetime(3_600);
    const rows = [
      ['on an expired token, the first call of each', ...(await measure(tenant, servers))],
      ['on a good one, the second', ...(await measure(tenant, servers))],
    ];
    console.log(`\n## ${String(many)} servers at once\n`);
    console.log(table(['', 'all have answered after', 'renewals', 'answers'], rows));
    console.log(`\nBrowser tabs in all, the first sign-in included: ${String(visits(directory).length)}`);
  } finally {
    await Promise.all(servers.map(({ client }) => client.close()));
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(tenant: DemoTenant, servers: readonly Served[]): Promise<string[]> {
  tenant.resetCounters();
  const started = performance.now();
  const answers = await everyAnswer(servers);
  const took = performance.now() - started;
  return [ms(took), String(tenant.counters()['token:refresh_token'] ?? 0), [...new Set(answers)].join('; ')];
}

function everyAnswer(servers: readonly Served[]): Promise<string[]> {
  return Promise.all(
    servers.map(async ({ client }) => {
      const { result, error } = await call(client, 'whoami');
      return String(result?.['email'] ?? error);
    }),
  );
}
