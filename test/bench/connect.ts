import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DemoTenant } from '../tenant/tenant.ts';
import { signIn, userEnvironment } from '../terminal/fixtures.ts';
import {
  callTimesInTurns,
  inTurns,
  start,
  startTimesInTurns,
  table,
  timeCells,
  timeHeads,
  type Candidate,
  type Started,
} from './measure.ts';

const root = join(import.meta.dirname, '..', '..');

/**
 * `connect` beside mcp-remote, both before one server, with the same token and each as it comes; and `connect` for
 * every other pair of the protocol's eras, which mcp-remote does not speak.
 */
export async function benchConnect(tenant: DemoTenant): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'omnispindle-bench-'));
  const server = spawn(process.execPath, [join(import.meta.dirname, 'remoteServer.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
    const [older = '', newer = ''] = line.split(' ');
    const token = await tenant.sign({});
    const env = userEnvironment({ tenant, directory: home });
    await signIn({ tenant, directory: home });
    const candidates = [
      mcpRemote('mcp-remote', older, home, token),
      connect('omnispindle connect, AUTH0_TOKEN', older, { ...env, AUTH0_TOKEN: token }),
      connect('omnispindle connect, signed in', older, env),
      connect('… client 2026, server 2026', newer, env, '2026'),
      connect('… client 2025, server 2026', newer, env),
      connect('… client 2026, server 2025', older, env, '2026'),
    ];
    await compare(candidates);
    await sayHowItFails(mcpRemote('mcp-remote', newer, home, token));
  } finally {
    server.kill();
    rmSync(home, { recursive: true, force: true });
  }
}

function mcpRemote(name: string, url: string, home: string, token: string): Candidate {
  const script = join(root, 'node_modules', 'mcp-remote', 'dist', 'proxy.js');
  return {
    name,
    args: [script, url, '--header', 'Authorization:${AUTH_HEADER}'],
    env: { HOME: home, AUTH_HEADER: `Bearer ${token}` },
  };
}

function connect(
  name: string,
  url: string,
  env: Record<string, string>,
  era: '2025' | '2026' = '2025',
): Candidate {
  return { name, args: [join(root, 'dist', 'cli.js'), 'connect', url, '--default-audience'], env, era };
}

async function compare(candidates: readonly Candidate[]): Promise<void> {
  // The first start of each fills the caches that later starts have.
  for (const candidate of candidates) await (await start(candidate)).close();
  const starts = await startTimesInTurns(candidates);
  const running = await Promise.all(candidates.map(start));
  const idle = memories(running);
  const times = await callTimesInTurns(running);
  const after = memories(running);
  const together = [16, 64];
  const togetherTimes: number[][][] = [];
  for (const atOnce of together) togetherTimes.push(await callTimesInTurns(running, atOnce));
  // One after the other: the machine may not have the memory for all at once.
  for (const { call } of running) await call('large');
  const afterLarge = memories(running);
  await Promise.all(running.map(({ close }) => close()));
  console.log(`\n## A remote server over stdio (${inTurns})\n`);
  console.log(
    table(
      ['', ...timeHeads, ...together.flatMap(count => [`${String(count)} at once, p50`, 'p99'])],
      candidates.map(({ name }, index) => [
        name,
        ...timeCells(starts[index], times[index]),
        ...togetherTimes.flatMap(each => timeCells([], each[index]).slice(1)),
      ]),
    ),
  );
  console.log('\n## Its memory\n');
  console.log(
    table(
      ['', 'at start', 'after 3,000 calls', 'after a result of 16 MB', 'peak'],
      candidates.map(({ name }, index) => [
        name,
        idle[index]?.resident ?? '',
        after[index]?.resident ?? '',
        afterLarge[index]?.resident ?? '',
        afterLarge[index]?.peak ?? '',
      ]),
    ),
  );
}

/** What comes of mcp-remote before a server that speaks 2026-07-28 only. */
async function sayHowItFails(candidate: Candidate): Promise<void> {
  const outcome = await start(candidate).then(
    async ({ close }) => {
      await close();
      return 'works';
    },
    (error: unknown) => String(error),
  );
  console.log(`\n${candidate.name} before a server of 2026-07-28: ${outcome}`);
}

function memories(running: readonly Started[]): { resident: string; peak: string }[] {
  return running.map(({ pid }) => memory(pid));
}

/** What the process holds in memory, and the most it ever held (Linux: proc(5), `/proc/pid/status`). */
function memory(pid: number): { resident: string; peak: string } {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const megabytes = (field: string) =>
    `${(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024).toFixed(1)} MB`;
  return { resident: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}
