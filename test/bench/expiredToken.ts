import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createBrokerHost } from '../../src/broker/host.ts';
import { testAuthenticator } from '../auth/fixtures.ts';
import type { DemoTenant } from '../tenant/tenant.ts';
import { userEnvironment, visits } from '../terminal/fixtures.ts';
import { callTimes, ms, percentile, start, table, type Candidate } from './measure.ts';

const servers = 100;
/** How long (s) the first token lives; every server has used it by then. */
const lifetime = 60;
const args = [join(import.meta.dirname, '..', '..', 'dist', 'cli.js'), 'serve'];

/** Many servers whose token has expired, all called at once: how long they take, and what the tenant sees of it. */
export async function benchExpiredToken(tenant: DemoTenant): Promise<void> {
  const rows = [
    await withHome(home => standAlone(tenant, home)),
    await withHome(home => behindBroker(tenant, home)),
  ];
  console.log(`\n## ${String(servers)} servers at once on an expired token\n`);
  console.log(table(['', 'first answer', 'p50', 'all have answered', 'renewals', 'sign-ins'], rows));
}

async function withHome<T>(work: (home: string) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'omnispindle-bench-'));
  try {
    return await work(home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Processes that share nothing but the user's session store. */
function standAlone(tenant: DemoTenant, home: string): Promise<string[]> {
  const env = userEnvironment({ tenant, directory: home });
  return measure({
    name: 'stand-alone, one session store',
    tenant,
    environment: () => Promise.resolve(env),
    signIns: () => visits(home).length,
  });
}

/** Processes that one editor window gives their tokens. */
async function behindBroker(tenant: DemoTenant, home: string): Promise<string[]> {
  const { authenticator, ui } = testAuthenticator(tenant, home);
  const broker = createBrokerHost({
    getToken: (_account, request) => authenticator.ensure(request),
    log: { debug: ignore, info: ignore, warn: console.warn, error: console.error },
  });
  try {
    return await measure({
      name: 'behind one window’s broker',
      tenant,
      environment: async () => ({
        ...userEnvironment({ tenant, directory: home }),
        ...(await broker.grant('auth0|ada')).env,
      }),
      signIns: () => ui.opened.length,
    });
  } finally {
    await broker.dispose();
  }
}

interface Setting {
  readonly name: string;
  readonly tenant: DemoTenant;
  /** What one server finds in its environment. */
  environment(): Promise<Record<string, string>>;
  signIns(): number;
}

async function measure({ name, tenant, environment, signIns }: Setting): Promise<string[]> {
  const candidates = await Promise.all(
    Array.from({ length: servers }, async (): Promise<Candidate> => ({
      name,
      args,
      env: await environment(),
    })),
  );
  const clients = [];
  for (const candidate of candidates) clients.push(await start(candidate));
  try {
    tenant.setTokenLifetime(lifetime);
    await callTimes(clients[0]!, 'whoami', 1);
    const expiry = delay(lifetime * 1000);
    tenant.setTokenLifetime(3_600);
    tenant.resetCounters();
    for (const client of clients) await callTimes(client, 'whoami', 1);
    if (tenant.counters()['token']) throw new Error('The token ended before every server had used it.');
    await expiry;
    const times = (await Promise.all(clients.map(client => callTimes(client, 'whoami', 1)))).flat();
    return [
      name,
      ms(Math.min(...times)),
      ms(percentile(times, 0.5)),
      ms(Math.max(...times)),
      String(tenant.counters()['token:refresh_token'] ?? 0),
      String(signIns()),
    ];
  } finally {
    await Promise.all(clients.map(client => client.close()));
  }
}

function ignore(): void {
  // Only what goes wrong is of interest.
}
