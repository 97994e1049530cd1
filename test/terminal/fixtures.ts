import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import { ensurePrivateDirectory } from '../../src/platform/paths.ts';
import { memoryLog, testAuthenticator } from '../auth/fixtures.ts';
import { cli } from '../bundle.ts';
import type { GooglePerson, Person, TurnedAway } from '../tenant/browserless.ts';
import { callbackPort } from '../tenant/callbackPort.ts';
import type { DemoTenant } from '../tenant/tenant.ts';

const root = join(import.meta.dirname, '..', '..');
export { cli };
const browser = join(root, 'test', 'tenant', 'demoBrowser.sh');
/** What Node.js has compiled, for all that tests start: of a directory of the test's own each start would fill another. */
const compiled = join(root, '.cache', 'compiled');

export interface Surroundings {
  readonly tenant: Pick<DemoTenant, 'domain' | 'clientId' | 'audience'>;
  /** A folder of the test's own: sessions, data, home and the browser's visits are in it. */
  readonly directory: string;
  readonly person?: Person | GooglePerson | TurnedAway;
  readonly env?: Record<string, string>;
  /** Hears the lines a server writes for people, as they come. */
  readonly hear?: (line: string) => void;
  /** Another user of this machine, as whom a command runs. */
  readonly uid?: number;
  /** The Node.js that runs the command line, and its script, where they are not those of this checkout. */
  readonly program?: readonly [node: string, script: string];
  /** What follows `serve`. */
  readonly serveArgs?: readonly string[];
}

/** The environment of a user whose browser signs in by itself; nothing of the machine's own user is in it. */
export function userEnvironment({
  tenant,
  directory,
  person,
  env = {},
}: Surroundings): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    NODE_COMPILE_CACHE: compiled,
    OMNISPINDLE_DATA_DIR: join(directory, 'data'),
    AUTH0_DOMAIN: tenant.domain,
    AUTH0_CLIENT_ID: tenant.clientId,
    AUTH0_AUDIENCE: tenant.audience,
    CALLBACK_PORT: String(callbackPort),
    BROWSER: browser,
    DEMO_BROWSER_VISITS: visitsFile(directory),
    ...(person && { DEMO_BROWSER_PERSON: JSON.stringify(person) }),
    ...env,
  };
}

const visitsFile = (directory: string) => join(directory, 'visits');

/** The addresses the user's browser was opened at. */
export function visits(directory: string): string[] {
  const file = visitsFile(directory);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** What a process writes for people. */
interface Heard {
  /** What it wrote so far. */
  stderr(): string;
  /** Waits until it has said that. @throws where it ends without */
  says(what: RegExp): Promise<void>;
}

function createHearing(gone: Promise<unknown>): Heard & { hear(text: string): void } {
  let stderr = '';
  let isOver = false;
  const said = new EventEmitter();
  void gone.then(() => {
    isOver = true;
    said.emit('more');
  });
  return {
    hear(text) {
      stderr += text;
      said.emit('more');
    },
    stderr: () => stderr,
    async says(what) {
      while (!what.test(stderr)) {
        if (isOver) throw new Error(`It ended without saying ${String(what)}: ${stderr}`);
        await once(said, 'more');
      }
    },
  };
}

export interface Served extends Heard {
  readonly client: Client;
  readonly pid: number;
  /** Resolves when the process is gone and everything it wrote was heard. */
  readonly gone: Promise<unknown>;
}

/** Starts `omnispindle serve` as an MCP client does. */
export function serve(surroundings: Surroundings, cwd?: string): Promise<Served> {
  return startClient(['serve', ...(surroundings.serveArgs ?? [])], surroundings, cwd);
}

/** Starts a command of `omnispindle` that is an MCP server, as an MCP client does. */
export async function startClient(
  args: readonly string[],
  surroundings: Surroundings,
  cwd = surroundings.directory,
): Promise<Served> {
  const [command, script] = surroundings.program ?? [process.execPath, cli];
  const transport = new StdioClientTransport({
    command,
    args: [script, ...args],
    env: userEnvironment(surroundings),
    cwd,
    stderr: 'pipe',
  });
  const lines = createInterface({ input: transport.stderr as Readable });
  const gone = once(lines, 'close');
  const { hear, ...heard } = createHearing(gone);
  lines.on('line', line => {
    hear(`${line}\n`);
    surroundings.hear?.(line);
  });
  const client = new Client({ name: 'test', version: '1.0.0' });
  // Many that start at once take their time.
  await client.connect(transport, { timeout: 180_000 });
  return { client, ...heard, pid: transport.pid ?? 0, gone };
}

/** Calls a tool. @returns its structured result, or what its error says */
export async function call(
  client: Client,
  name: string,
  input: Record<string, unknown> = {},
  options: RequestOptions = { timeout: 50_000 },
) {
  const result = await client.callTool({ name, arguments: input }, undefined, options);
  return result.isError
    ? { error: (result.content as { text: string }[]).map(part => part.text).join('\n') }
    : { result: result.structuredContent as Record<string, unknown> };
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started extends Heard {
  readonly pid: number;
  readonly stdin: Writable;
  readonly ended: Promise<Ran & { readonly signal: NodeJS.Signals | null }>;
}

/** Starts one command of `omnispindle`. */
export function start(surroundings: Surroundings, ...args: string[]): Started {
  const [node, script] = surroundings.program ?? [process.execPath, cli];
  const child = spawn(node, [script, ...args], {
    env: userEnvironment(surroundings),
    cwd: surroundings.directory,
    timeout: 40_000,
    ...(surroundings.uid !== undefined && { uid: surroundings.uid, gid: surroundings.uid }),
    stdio: 'pipe',
  });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const { hear, ...heard } = createHearing(closed);
  child.stderr.on('data', (chunk: Buffer) => {
    hear(chunk.toString());
  });
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    ...heard,
    ended: closed.then(([code, signal]) => ({ code: code ?? 1, signal, stdout, stderr: heard.stderr() })),
  };
}

/** Writes the `.env` of the test's directory, and trusts it as a person does. */
export async function trust(surroundings: Surroundings, content: string | Uint8Array): Promise<void> {
  writeFileSync(join(surroundings.directory, '.env'), content);
  const { code, stderr } = await runWith('y\n', surroundings, 'trust');
  if (code !== 0) throw new Error(stderr);
}

/** Runs one command of `omnispindle` to its end, with that on its stdin. */
export function runWith(input: string, surroundings: Surroundings, ...args: string[]): Promise<Ran> {
  const { stdin, ended } = start(surroundings, ...args);
  stdin.end(input);
  return ended;
}

/** Runs one command of `omnispindle` to its end. */
export function run(surroundings: Surroundings, ...args: string[]): Promise<Ran> {
  return start(surroundings, ...args).ended;
}

/** Signs the person in as a command does, in this process, which is quicker. @throws where that fails */
export async function signIn({
  tenant,
  directory,
  person,
}: Pick<Surroundings, 'tenant' | 'directory' | 'person'>): Promise<void> {
  const data = join(directory, 'data');
  await ensurePrivateDirectory(data, memoryLog());
  const { authenticator, ui } = testAuthenticator(tenant, data, { ...(person && { person }) });
  await authenticator.signIn();
  appendFileSync(visitsFile(directory), ui.opened.map(url => `${url}\n`).join(''));
}
