import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport, type StdioServerParameters } from '@modelcontextprotocol/sdk/client/stdio.js';
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
  /** The era of the protocol that its client speaks; 2025 where absent. */
  readonly era?: '2025' | '2026';
}

export interface Started {
  /** Calls a tool without arguments. @throws Error where it fails */
  call(name: string): Promise<void>;
  close(): Promise<void>;
  /** From spawn to the list of its tools (ms). */
  readonly toolsAfter: number;
  readonly pid: number;
}

/** Starts the candidate and asks for its tools. */
export function start(candidate: Candidate): Promise<Started> {
  return candidate.era === '2026' ? startModern(candidate) : startOlder(candidate);
}

async function startOlder(candidate: Candidate): Promise<Started> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  const transport = new StdioClientTransport(commandOf(candidate));
  const started = performance.now();
  await client.connect(transport);
  // Not by `listTools`, in which the client also compiles the schemas of all results: that is no time of the server's.
  await client.request({ method: 'tools/list' }, ListToolsResultSchema);
  const toolsAfter = performance.now() - started;
  return {
    call: async name => {
      wellDone(await client.callTool({ name, arguments: {} }));
    },
    close: () => client.close(),
    toolsAfter,
    pid: transport.pid ?? 0,
  };
}

async function startModern(candidate: Candidate): Promise<Started> {
  const client = new ModernClient(
    { name: 'bench', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  const transport = new ModernTransport(commandOf(candidate));
  const started = performance.now();
  await client.connect(transport);
  await client.request({ method: 'tools/list' });
  const toolsAfter = performance.now() - started;
  return {
    call: async name => {
      wellDone(await client.callTool({ name, arguments: {} }));
    },
    close: () => client.close(),
    toolsAfter,
    pid: transport.pid ?? 0,
  };
}

function commandOf({ args, env = {} }: Candidate): StdioServerParameters {
  return {
    command: process.execPath,
    args: [...args],
    env: { ...(process.env as Record<string, string>), ...env },
    stderr: 'ignore',
    // The clients' own limit is 10 MB.
    maxBufferSize: 64 * 1024 * 1024,
  };
}

function wellDone(result: Record<string, unknown>): void {
  if (result['isError']) throw new Error(JSON.stringify(result['content']));
}

/** Times (ms) of `count` calls of a tool, `atOnce` of them under way together. */
export async function callTimes(
  { call }: Pick<Started, 'call'>,
  name: string,
  count: number,
  atOnce = 1,
): Promise<number[]> {
  const times: number[] = [];
  let left = count;
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      const started = performance.now();
      await call(name);
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return times;
}

/** Starts each candidate many times. @returns for each, as they come, the times (ms) from spawn to its tools */
export async function startTimesInTurns(candidates: readonly Candidate[]): Promise<number[][]> {
  const times = candidates.map((): number[] => []);
  // In turns, so that whatever else the machine does meets all alike.
  for (let round = 0; round < rounds; round++) {
    for (const [index, candidate] of candidates.entries()) {
      const { toolsAfter, close } = await start(candidate);
      times[index]?.push(toolsAfter);
      await close();
    }
  }
  return times;
}

/**
 * Calls each server many times, `atOnce` calls together, once all are warm.
 * @returns for each, as they come, the times (ms) of its calls
 */
export async function callTimesInTurns(servers: readonly Started[], atOnce = 1): Promise<number[][]> {
  const times = servers.map((): number[] => []);
  for (const server of servers) await callTimes(server, tool, warmUpCalls, atOnce);
  for (let turn = 0; turn < turns; turn++) {
    for (const [index, server] of servers.entries()) {
      times[index]?.push(...(await callTimes(server, tool, calls / turns, atOnce)));
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
