import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../postgres.ts';
import type { DemoTenant } from '../tenant/tenant.ts';
import {
  callOf,
  callOnce,
  load,
  startMeasured,
  type Answered,
  type Kept,
  type Measured,
} from './http/measured.ts';
import { openSub, type BenchServer } from './http/settings.ts';
import { ms, percentile, table } from './measure.ts';

const clients = [1, 16, 128] as const;
const turns = 3;
const audience = 'http://localhost:8770/mcp';
const people = 1_000;
/** How long (s) each load lasts, and the soak. */
const seconds = Number(process.env['OMNISPINDLE_BENCH_SECONDS'] ?? 5);
const soakSeconds = Number(process.env['OMNISPINDLE_BENCH_SECONDS'] ?? 600);

/** A call over HTTP, with the bearer check and without, in SQLite and Postgres, beside FastMCP's server. */
export async function benchHttp(tenant: DemoTenant): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'omnispindle-bench-http-'));
  await using postgres = await startPostgres();
  const { databaseUrl, migrationUrl } = postgres;
  const inSqlite = serverOf(tenant, directory);
  const inPostgres = { ...inSqlite, databaseUrl, migrationUrl };
  const running: Measured[] = [];
  const start = async (...given: Parameters<typeof startMeasured>) => {
    const server = await startMeasured(...given);
    running.push(server);
    return server;
  };
  try {
    const open = await start('SQLite, no bearer check, no limits', 'teamServer', {
      ...inSqlite,
      mode: 'open',
    });
    const checked = await start('… with the bearer check', 'teamServer', { ...inSqlite, mode: 'checked' });
    const whole = await start('… and with limits, as it comes', 'teamServer', inSqlite);
    const fastmcp = await start('FastMCP, SQLite, its JWT check', 'fastmcpServer', inSqlite);
    const token = await tokenOf(tenant, openSub);
    const call = callOf('get_todo', { todo_id: await addTodo(whole, token) }, token);
    const first = await inTurns([open, checked, whole, fastmcp], call);
    print(`A call over HTTP (get_todo, ${String(turns)} times ${String(seconds)} s each, in turns)`, first);

    const openPostgres = await start('Postgres, no bearer check, no limits', 'teamServer', {
      ...inPostgres,
      mode: 'open',
    });
    const one = await start('… as it comes', 'teamServer', inPostgres);
    const two = await start('a second replica', 'teamServer', inPostgres);
    const shared = callOf('get_todo', { todo_id: await addTodo(one, token) }, token);
    print('The same in Postgres', await inTurns([openPostgres, one], shared));
    await printReplicas([one, two], shared);
    await printMemory(tenant, inSqlite, running);
  } finally {
    await Promise.all(running.map(server => server.close()));
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Ten minutes of calls of many people: the memory shall not grow. */
export async function benchSoak(tenant: DemoTenant): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'omnispindle-bench-soak-'));
  const server = await startMeasured('soak', 'teamServer', serverOf(tenant, directory));
  try {
    const token = await tokenOf(tenant, openSub);
    const call = callOf('get_todo', { todo_id: await addTodo(server, token) }, token);
    const parts = 20;
    const rows: string[][] = [];
    for (let part = 1; part <= parts; part++) {
      const { perSecond } = await load(server.url, call, 16, soakSeconds / parts);
      // Wrong tokens, and people who come once, must leave nothing behind either.
      for (let i = 0; i < 50; i++) {
        const stranger = await tokenOf(tenant, `auth0|${String(part)}-${String(i)}`);
        await callOnce(server.url, callOf('list_projects', {}, stranger));
        await fetch(server.url, callOf('whoami', {}, `${stranger}x`)).then(response => response.text());
      }
      rows.push([
        String(Math.round((part * soakSeconds) / parts)),
        perSecond.toFixed(0),
        ...cells(await server.memory()),
      ]);
    }
    console.log(`\n## Soak (${String(soakSeconds)} s, 16 clients)\n`);
    console.log(table(['second', 'calls/s', 'heap, MB', 'resident, MB'], rows));
  } finally {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const serverOf = ({ domain, clientId, issuer }: DemoTenant, directory: string): BenchServer => ({
  tenant: { domain, clientId, issuer },
  audience,
  mode: 'whole',
  directory,
});

const tokenOf = (tenant: DemoTenant, sub: string): Promise<string> =>
  tenant.sign({ aud: audience, sub, scope: 'omnispindle:read omnispindle:write' });

/** @returns the id of a new todo */
async function addTodo({ url }: Measured, token: string): Promise<string> {
  const input = { description: 'Wind the bobbin', project: 'bench' };
  const answer = await callOnce(url, callOf('add_todo', input, token));
  const id = /\\?"(?:todo_)?id\\?":\s*\\?"([^"\\]+)/.exec(answer)?.[1];
  if (id === undefined) throw new Error(answer);
  return id;
}

type Results = ReadonlyMap<Measured, ReadonlyMap<number, readonly Answered[]>>;

async function inTurns(servers: readonly Measured[], call: ReturnType<typeof callOf>): Promise<Results> {
  for (const { url } of servers) {
    await callOnce(url, call);
    await load(url, call, 16, Math.min(seconds, 2));
  }
  const results = new Map(
    servers.map(server => [server, new Map(clients.map(count => [count as number, [] as Answered[]]))]),
  );
  for (let turn = 0; turn < turns; turn++) {
    for (const count of clients) {
      for (const server of servers) {
        results
          .get(server)
          ?.get(count)
          ?.push(await load(server.url, call, count, seconds));
      }
    }
  }
  return results;
}

const perSecondOf = (answers: readonly Answered[] = []): number =>
  percentile(
    answers.map(({ perSecond }) => perSecond),
    0.5,
  );

/** Beside each rate its part of that of the first server. */
function print(title: string, results: Results): void {
  const [reference] = results.values();
  console.log(`\n## ${title}\n`);
  console.log(
    table(
      ['', ...clients.flatMap(count => [`${String(count)} clients, calls/s`, 'of the first', 'p99'])],
      [...results].map(([{ name }, byClients]) => [
        name,
        ...clients.flatMap(count => {
          const answers = byClients.get(count);
          const perSecond = perSecondOf(answers);
          return [
            perSecond.toFixed(0),
            (perSecond / perSecondOf(reference?.get(count))).toFixed(2),
            ms(
              percentile(
                (answers ?? []).map(({ p99 }) => p99),
                0.5,
              ),
            ),
          ];
        }),
      ]),
    ),
  );
}

/** Two replicas on one database against one of them. */
async function printReplicas(replicas: readonly Measured[], call: ReturnType<typeof callOf>): Promise<void> {
  const [one] = replicas;
  if (!one) return;
  const alone: number[] = [];
  const together: number[] = [];
  for (const { url } of replicas) await load(url, call, 16, Math.min(seconds, 2));
  for (let turn = 0; turn < turns; turn++) {
    alone.push((await load(one.url, call, 32, seconds)).perSecond);
    const both = await Promise.all(replicas.map(({ url }) => load(url, call, 16, seconds)));
    together.push(both.reduce((sum, { perSecond }) => sum + perSecond, 0));
  }
  const [single, double] = [percentile(alone, 0.5), percentile(together, 0.5)];
  console.log(`\n## Two replicas on one Postgres (32 clients, ${String(availableParallelism())} cores)\n`);
  console.log(
    table(
      ['one replica, calls/s', 'two', 'times'],
      [[single.toFixed(0), double.toFixed(0), (double / single).toFixed(2)]],
    ),
  );
}

/** What a server takes that many people are signed in to. */
async function printMemory(tenant: DemoTenant, settings: BenchServer, running: Measured[]): Promise<void> {
  const server = await startMeasured('memory', 'teamServer', settings);
  running.push(server);
  const come = async (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const token = await tokenOf(tenant, `auth0|person-${String(i)}`);
      await callOnce(server.url, callOf('list_projects', {}, token));
    }
  };
  // What one call needs, others need no more.
  await come(0, 100);
  const before = await server.memory();
  await come(100, 100 + people);
  const after = await server.memory();
  console.log(`\n## Memory for ${String(people)} signed-in people\n`);
  console.log(
    table(
      ['', 'heap, MB', 'resident, MB'],
      [
        ['before', ...cells(before)],
        ['after', ...cells(after)],
        ['more for each, kB', ...cells(after, before)],
      ],
    ),
  );
}

/** @param less where it is given: how much more this is for each of the people, in kB */
function cells({ heap, resident }: Kept, less?: Kept): string[] {
  if (!less) return [heap.toFixed(1), resident.toFixed(0)];
  return [heap - less.heap, resident - less.resident].map(more => ((more * 1024) / people).toFixed(1));
}
