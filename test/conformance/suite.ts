import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');
const suite = join(root, 'node_modules', '@modelcontextprotocol', 'conformance', 'dist', 'index.js');

export type Part = 'server' | 'client' | 'authorization server';

/** A row of a table in docs/conformance.md. */
export interface Row {
  readonly revisions: string;
  readonly runs: string;
  readonly why: string;
}

/** The scenarios that the suite has of that part, and the revisions of each. */
export async function listScenarios(part: Part): Promise<Map<string, string>> {
  const { stdout } = await promisify(execFile)(process.execPath, [suite, 'list']);
  const scenarios = new Map<string, string>();
  let isWanted = false;
  for (const line of stdout.split('\n')) {
    const title = /^(.+) scenarios /.exec(line)?.[1];
    if (title !== undefined) isWanted = title.toLowerCase() === part;
    const [, name, revisions] = /^ +- (\S+) \[(.*)\]$/.exec(line) ?? [];
    if (isWanted && name !== undefined && revisions !== undefined) scenarios.set(name, revisions);
  }
  return scenarios;
}

/** A table: of what the suite tests in one of its parts, of what is left out over HTTP, or of client and server of different revisions. */
export type Table = Part | 'http' | 'between';

const titles: Record<Table, string> = {
  server: 'The bundled server',
  http: 'The team’s server',
  client: 'The bridge as a client',
  between: 'The bridge between the revisions',
  'authorization server': 'Authorization server',
};

/** The rows of that table in docs/conformance.md, by scenario. */
export function readTable(table: Table): Map<string, Row> {
  const text = readFileSync(join(root, 'docs', 'conformance.md'), 'utf8');
  const section = text.split(/^## /m).find(one => one.startsWith(`${titles[table]}\n`)) ?? '';
  const rows = new Map<string, Row>();
  for (const line of section.split('\n')) {
    const [, name, revisions, runs, why] = line.split('|').map(cell => cell.trim());
    if (name?.startsWith('`')) {
      rows.set(name.replaceAll('`', ''), {
        revisions: (revisions ?? '').replaceAll(', ', ','),
        runs: runs ?? '',
        why: why ?? '',
      });
    }
  }
  return rows;
}

export interface Check {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly errorMessage?: string;
  readonly details?: Record<string, unknown>;
}

/** Runs all server scenarios of a revision. @returns what was checked, by scenario */
export async function runServerScenarios(
  url: string,
  revision: string,
  directory: string,
): Promise<Map<string, Check[]>> {
  const args = ['server', '--url', url, '--suite', 'all', '--spec-version', revision, '-o', directory];
  // It fails where a scenario does, and most need what the server does not have.
  await promisify(execFile)(process.execPath, [suite, ...args], { maxBuffer: 64_000_000 }).catch(
    () => undefined,
  );
  const found = globSync('server-*/checks.json', { cwd: directory });
  return new Map(
    found.map(path => [
      path.replace(/^server-(.*)-\d{4}-\d\d-\d\dT.*$/, '$1'),
      JSON.parse(readFileSync(join(directory, path), 'utf8')) as Check[],
    ]),
  );
}

export interface ClientRun {
  readonly scenario: string;
  /** What the suite's server speaks. */
  readonly revision: string;
  /** The command that starts the client, without the address of the server. */
  readonly command: string;
  readonly env: Record<string, string>;
  /** Gets what the suite writes. */
  readonly directory: string;
}

/** Runs one client scenario. @returns what was checked, and what the client wrote */
export async function runClientScenario(
  run: ClientRun,
): Promise<{ checks: Check[]; stdout: string; stderr: string }> {
  const { scenario, revision, command, env, directory } = run;
  const args = ['client', '--command', command, '--scenario', scenario, '--spec-version', revision];
  // It fails where a check does; which may, the caller knows.
  await promisify(execFile)(process.execPath, [suite, ...args, '-o', directory], { env }).catch(
    () => undefined,
  );
  const [result = ''] = globSync(`${scenario}-*/checks.json`, { cwd: directory });
  const read = (name: string) => readFileSync(join(directory, dirname(result), name), 'utf8');
  return {
    checks: JSON.parse(read('checks.json')) as Check[],
    stdout: read('stdout.txt'),
    stderr: read('stderr.txt'),
  };
}
