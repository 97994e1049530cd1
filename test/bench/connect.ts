import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DemoTenant } from '../tenant/tenant.ts';
import { userEnvironment } from '../terminal/fixtures.ts';
import {
  callTimesInTurns,
  inTurns,
  start,
  startTimesInTurns,
  table,
  timeCells,
  timeHeads,
  type Candidate,
} from './measure.ts';

const root = join(import.meta.dirname, '..', '..');

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
  const starts = await startTimesInTurns(candidates);
  const running = await Promise.all(candidates.map(start));
  const idle = running.map(({ pid }) => memory(pid));
  const times = await callTimesInTurns(running);
  const after = running.map(({ pid }) => memory(pid));
  await Promise.all(running.map(({ client }) => client.close()));
  console.log(`\n## A remote server over stdio (${inTurns})\n`);
  console.log(
    table(
      ['', ...timeHeads, 'memory at start', '… after the calls', '… peak'],
      candidates.map(({ name }, index) => [
        name,
        ...timeCells(starts[index], times[index]),
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
