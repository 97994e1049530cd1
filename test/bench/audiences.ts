import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createBrokerHost } from '../../src/broker/host.ts';
import { testAuthenticator } from '../auth/fixtures.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { userEnvironment, visits } from '../terminal/fixtures.ts';
import { callTimes, ms, percentile, start, table, type Candidate, type Started } from './measure.ts';

const servers = 20;
/** How long (s) the first tokens live. */
const lifetime = 20;
const calls = 1_000;
const args = [join(import.meta.dirname, '..', '..', 'dist', 'cli.js'), 'serve'];
const apis = Array.from({ length: servers }, (_none, index) => ({
  identifier: `https://api${String(index)}.example/`,
  scopes: [],
}));

/** Servers with an API each on one session whose tokens have all ended, called at once. */
export async function benchAudiences(): Promise<void> {
  const tenant = await startTenant({
    apis,
    mrrt: apis.map(({ identifier, scopes }) => ({ audience: identifier, scopes })),
  });
  const home = mkdtempSync(join(tmpdir(), 'omnispindle-bench-'));
  try {
    const one = apis.map(() => tenant.audience);
    const many = apis.map(({ identifier }) => identifier);
    const rows = [await measure(tenant, home, one), await measure(tenant, home, many)];
    console.log(`\n## ${String(servers)} servers of one window on an expired session\n`);
    console.log(
      table(
        ['', 'first answer', 'p50', 'all have answered', 'renewals', 'sign-ins', 'call p50', 'call p99'],
        rows,
      ),
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
    await tenant.close();
  }
}

async function measure(tenant: DemoTenant, home: string, audiences: readonly string[]): Promise<string[]> {
  const directory = mkdtempSync(join(home, 'user-'));
  const { authenticator, ui } = testAuthenticator(tenant, directory);
  const broker = createBrokerHost({
    getToken: (_account, request) => authenticator.ensure(request),
    log: { debug: ignore, info: ignore, warn: console.warn, error: console.error },
  });
  const clients: Started[] = [];
  try {
    for (const audience of audiences) {
      const candidate: Candidate = {
        name: audience,
        args,
        env: {
          ...userEnvironment({ tenant, directory }),
          AUTH0_AUDIENCE: audience,
          ...(await broker.grant('auth0|ada', { audience })).env,
        },
      };
      clients.push(await start(candidate));
    }
    tenant.setTokenLifetime(lifetime);
    for (const client of clients) await callTimes(client, 'whoami', 1);
    await delay(lifetime * 1_000);
    tenant.setTokenLifetime(3_600);
    tenant.resetCounters();
    const opened = ui.opened.length;
    const times = (await Promise.all(clients.map(client => callTimes(client, 'whoami', 1)))).flat();
    const renewals = tenant.counters()['token:refresh_token'] ?? 0;
    const signIns = ui.opened.length - opened + visits(directory).length;
    const [first] = clients;
    const later = first ? await callTimes(first, 'whoami', calls) : [];
    return [
      `${String(new Set(audiences).size)} audience(s)`,
      ms(Math.min(...times)),
      ms(percentile(times, 0.5)),
      ms(Math.max(...times)),
      String(renewals),
      String(signIns),
      ms(percentile(later, 0.5)),
      ms(percentile(later, 0.99)),
    ];
  } finally {
    await Promise.all(clients.map(client => client.close()));
    await broker.dispose();
  }
}

function ignore(): void {
  // Only what goes wrong is of interest.
}
