import assert from 'node:assert/strict';
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';

// No engine for containers is at hand here: what the files in deploy say is carried out without one.
const root = join(import.meta.dirname, '..', '..');
export const dockerfile = readFileSync(join(root, 'deploy', 'Dockerfile'), 'utf8');
/** The last stage: what the image is. */
const image = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

/** Seconds that a stop takes at most: until balancers know, what is under way, and the last traces. */
export const stops = 5 + 20 + 3;

/** What follows that instruction of the image's Dockerfile. */
export const instruction = (name: string) => new RegExp(`^${name} (.+)$`, 'm').exec(image)?.[1] ?? '';

/** The same, where it is written as a list of words. */
export const words = (name: string) => {
  const text = instruction(name);
  return JSON.parse(text.slice(text.indexOf('['))) as string[];
};

/** The image's own variables. */
export function imageEnvironment(): Record<string, string> {
  const own = [...image.matchAll(/^ENV (\w+)=(.+)$/gm)].map(([, name = '', value = '']) => [name, value]);
  return Object.fromEntries(own) as Record<string, string>;
}

/** What a file of compose says of a service. */
interface Service {
  readonly command?: string[];
  readonly environment: Record<string, string>;
  readonly secrets: string[];
  readonly ports?: string[];
  readonly volumes?: string[];
  readonly read_only?: boolean;
  readonly cap_drop?: string[];
  readonly security_opt: string[];
  readonly stop_grace_period?: string;
  readonly healthcheck?: unknown;
  readonly depends_on?: unknown;
}

/** A file of compose. */
export interface Compose {
  readonly services: Readonly<Record<'postgres' | 'migrate' | 'omnispindle', Service>>;
  readonly secrets: Record<string, { readonly file: string }>;
}

export const readCompose = (path: string) => parse(readFileSync(path, 'utf8')) as Compose;

/** The statements of that roles.sql, with the values that psql fills in. */
export function rolesIn(path: string, passwords: Readonly<Record<string, string>>): string[] {
  return readFileSync(path, 'utf8')
    .replaceAll(/^(?:--|\\set).*$/gm, '')
    .replaceAll(/:'(\w+)'/g, (_all, name: string) => `'${(passwords[name] ?? '').replaceAll("'", "''")}'`)
    .split(';')
    .map(statement => statement.trim())
    .filter(statement => statement !== '');
}

/** What runs in the place of a container. */
export interface Container {
  readonly process: ChildProcess;
  /** What it has written so far. */
  log(): string;
}

/** Starts a server, and waits until it listens. @throws AssertionError with what it wrote, where it ends instead */
export async function startContainer(args: readonly string[], options: SpawnOptions): Promise<Container> {
  const server = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
  while (!log.includes('listens at')) {
    assert.equal(server.exitCode, null, log);
    await delay(20);
  }
  return { process: server, log: () => log };
}
