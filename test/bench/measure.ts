import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

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
  await client.listTools();
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

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n');
}

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
