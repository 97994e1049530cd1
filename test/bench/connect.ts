import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DemoTenant } from '../tenant/tenant.ts';
import { userEnvironment } from '../terminal/fixtures.ts';
import { callTimes, ms, percentile, start, table, type Candidate } from './measure.ts';

const root = join(import.meta.dirname, '..', '..');
const rounds = 15;
const turns = 10;
const calls = 3_000;

/** `connect` beside mcp-remote, both before one server, with the same token and each as it comes. */
export async function benchConnect(tenant: DemoTenant): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'omnispindle-bench-'));
  const server = spawn(process.execPath, [join(import.meta.dirname, 'remoteServer.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [url] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
    await compare(await candidatesFor(url, home, tenant));
  } finally {
    server.kill();
    rmSync(home, { recursive: true, force: true });
  }
}

async function candidatesFor(url: string, home: string, tenant: DemoTenant): Promise<Candidate[]> {
  const token = await tenant.sign({});
  const cli = join(root, 'dist', 'cli.js');
  const env = userEnvironment({ tenant, directory: home });
  return [
    {
      name: 'mcp-remote',
      args: [
        join(root, 'node_modules', 'mcp-remote', 'dist', 'proxy.js'),
        url,
        '--header',
        'Authorization:${AUTH_HEADER}',
      ],
      env: { HOME: home, AUTH_HEADER: `Bearer ${token}` },
    },
    {
      name: 'omnispindle connect, AUTH0_TOKEN',
      args: [cli, 'connect', url],
      env: { ...env, AUTH0_TOKEN: token },
    },
    { name: 'omnispindle connect, signed in', args: [cli, 'connect', url], env },
  ];
}

async function compare(candidates: readonly Candidate[]): Promise<void> {
  // The first start of each signs in where it must, and fills the caches that later starts have.
  for (const candidate of candidates) await (await start(candidate)).client.close();
  const starts = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  // In turns, so that whatever else the machine does meets all alike.
  for (let round = 0; round < rounds; round++) {
    for (const candidate of candidates) {
      const { client, toolsAfter } = await start(candidate);
      starts.get(candidate.name)?.push(toolsAfter);
      await client.close();
    }
  }
  const times = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  const running = await Promise.all(
    candidates.map(async candidate => ({ candidate, ...(await start(candidate)) })),
  );
  const idle = running.map(({ pid }) => memory(pid));
  for (const { client } of running) await callTimes(client, 'whoami', 300);
  for (let turn = 0; turn < turns; turn++) {
    for (const { client, candidate } of running) {
      times.get(candidate.name)?.push(...(await callTimes(client, 'whoami', calls / turns)));
    }
  }
  const after = running.map(({ pid }) => memory(pid));
  await Promise.all(running.map(({ client }) => client.close()));
  console.log(
    `\n## A remote server over stdio (${String(rounds)} starts, ${String(calls)} calls each, in turns)\n`,
  );
  console.log(
    table(
      [
        '',
        'spawn to tools/list, p50',
        'call p50',
        'call p99',
        'memory at start',
        '… after the calls',
        '… peak',
      ],
      candidates.map(({ name }, index) => [
        name,
        ms(percentile(starts.get(name) ?? [], 0.5)),
        ms(percentile(times.get(name) ?? [], 0.5)),
        ms(percentile(times.get(name) ?? [], 0.99)),
        idle[index]?.resident ?? '',
        after[index]?.resident ?? '',
        after[index]?.peak ?? '',
      ]),
    ),
  );
}

/** What the process holds in memory, and the most it ever held (Linux: proc(5), `/proc/pid/status`). */
function memory(pid: number): { resident: string; peak: string } {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const megabytes = (field: string) =>
    `${(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024).toFixed(1)} MB`;
  return { resident: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}
