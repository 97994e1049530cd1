import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import autocannon from 'autocannon';
import type { BenchServer } from './settings.ts';

/** A server that is measured, in a process of its own. */
export interface Measured {
  readonly name: string;
  readonly url: string;
  /** What it keeps (MB): its heap once nothing is left to collect, and its resident memory then. */
  memory(): Promise<Kept>;
  close(): Promise<void>;
}

/** Memory (MB). */
export interface Kept {
  readonly heap: number;
  readonly resident: number;
}

/** What a load was answered. */
export interface Answered {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p99: number;
}

const tellsMemory = pathToFileURL(join(import.meta.dirname, 'tellMemory.ts')).href;

/** Starts a server of this folder. */
export async function startMeasured(
  name: string,
  program: 'teamServer' | 'fastmcpServer',
  settings: BenchServer,
): Promise<Measured> {
  const path = join(import.meta.dirname, `${program}.ts`);
  const child = spawn(process.execPath, ['--expose-gc', '--import', tellsMemory, path], {
    env: { ...process.env, OMNISPINDLE_BENCH_SERVER: JSON.stringify(settings) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const said = lastWords(child);
  if (!child.stdout) throw new Error('It has no stdout.');
  for await (const line of createInterface(child.stdout)) {
    if (!line.startsWith('http')) continue;
    return {
      name,
      url: line,
      async memory() {
        child.send('memory');
        const [kept] = (await once(child, 'message')) as [Kept];
        return kept;
      },
      async close() {
        child.kill('SIGKILL');
        await once(child, 'close');
      },
    };
  }
  throw new Error(`${name} did not start: ${said()}`);
}

/** Reads what it logs, so that it does not wait, and keeps the end of it. */
function lastWords(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(-2_000);
  });
  return () => text;
}

/** A call of a tool as a client of MCP 2025-11-25 sends it, which all servers know. */
export function callOf(name: string, input: Record<string, unknown>, token: string | undefined) {
  return {
    method: 'POST' as const,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: input },
    }),
  };
}

/**
 * Calls a tool. @returns what it answers
 * @throws Error where it fails
 */
export async function callOnce(url: string, call: ReturnType<typeof callOf>): Promise<string> {
  const response = await fetch(url, call);
  const text = await response.text();
  if (!response.ok || /"isError":true|"error":/.test(text)) {
    throw new Error(`${String(response.status)} ${text}`);
  }
  return text;
}

/** Has so many clients call for so many seconds. @throws Error where a call fails */
export async function load(
  url: string,
  call: ReturnType<typeof callOf>,
  connections: number,
  seconds: number,
): Promise<Answered> {
  const result = await autocannon({ url, ...call, connections, duration: seconds });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) {
    const statuses = JSON.stringify(result.statusCodeStats);
    throw new Error(`${String(failed)} of ${String(result.requests.total)} calls failed: ${statuses}`);
  }
  return { perSecond: result.requests.average, p99: result.latency.p99 };
}
