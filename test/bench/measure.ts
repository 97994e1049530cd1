import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ListToolsResultSchema } from '@modelcontextprotocol/sdk/types.js';

const rounds = 15;
const turns = 10;
const calls = 3_000;
const warmUpCalls = 300;
const tool = 'whoami';

/** How often {@link startTimesInTurns} starts and {@link callTimesInTurns} calls, for a heading. */
export const inTurns = `${String(rounds)} starts, ${String(calls)} calls each, in turns`;

/** A stdio server to measure. */
export interface Candidate {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
}

export interface Started {
  readonly client: Client;
  /** From spawn to the list of its tools (ms). */
  readonly toolsAfter: number;
  readonly pid: number;
}

/** Starts the candidate and asks for its tools. */
export async function start({ args, env = {} }: Candidate): Promise<Started> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...args],
    env: { ...(process.env as Record<string, string>), ...env },
    stderr: 'ignore',
  });
  const started = performance.now();
  await client.connect(transport);
  // Not by `listTools`, in which the client also compiles the schemas of all results: that is no time of the server's.
  await client.request({ method: 'tools/list' }, ListToolsResultSchema);
  return { client, toolsAfter: performance.now() - started, pid: transport.pid ?? 0 };
}

/** Times (ms) of `count` calls of a tool, one after the other. */
export async function callTimes(client: Client, name: string, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    const result = await client.callTool({ name, arguments: {} });
    if (result.isError) throw new Error(JSON.stringify(result.content));
    times.push(performance.now() - started);
  }
  return times;
}

/** Starts each candidate many times. @returns for each, as they come, the times (ms) from spawn to its tools */
export async function startTimesInTurns(candidates: readonly Candidate[]): Promise<number[][]> {
  const times = candidates.map((): number[] => []);
  // In turns, so that whatever else the machine does meets all alike.
  for (let round = 0; round < rounds; round++) {
    for (const [index, candidate] of candidates.entries()) {
      const { client, toolsAfter } = await start(candidate);
      times[index]?.push(toolsAfter);
      await client.close();
    }
  }
  return times;
}

/** Calls each server many times, once all are warm. @returns for each, as they come, the times (ms) of its calls */
export async function callTimesInTurns(servers: readonly Started[]): Promise<number[][]> {
  const times = servers.map((): number[] => []);
  for (const { client } of servers) await callTimes(client, tool, warmUpCalls);
  for (let turn = 0; turn < turns; turn++) {
    for (const [index, { client }] of servers.entries()) {
      times[index]?.push(...(await callTimes(client, tool, calls / turns)));
    }
  }
  return times;
}

/** What {@link timeCells} are of. */
export const timeHeads = ['spawn to tools/list, p50', 'call p50', 'call p99'] as const;

/** One candidate's times, as cells of a table. */
export function timeCells(starts: readonly number[] = [], calls: readonly number[] = []): string[] {
  return [ms(percentile(starts, 0.5)), ms(percentile(calls, 0.5)), ms(percentile(calls, 0.99))];
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n');
}

const digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, useGrouping: false });
export const ms = (value: number): string => `${digits.format(value)} ms`;
