import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { temporaryDirectory, useDirectory } from '../auth/fixtures.ts';
import { cli, userEnvironment, type Ran } from './fixtures.ts';
import { packageWith, startRegistry, type Registry } from './registry.ts';
import { suiteNeeds } from '../needs.ts';

const root = join(import.meta.dirname, '..', '..');

/** The version under test, and a newer one that the registry has, too. */
export const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
};
export const newer = '99.0.0';

export interface Entry {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
}

interface Where {
  readonly script?: string;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** What a test of `init` stands on. Read it while a test runs. */
export interface Installing {
  /** The home directory of the person. */
  readonly path: string;
  /** Where a program that should not run leaves its mark. */
  readonly marks: string;
  /** What is installed for clients. */
  readonly installed: string;
  /** The names of the copies in it. */
  copies(): string[];
  /** Cursor's configuration. */
  readonly cursor: string;
  /** What the registry was asked for. */
  readonly requests: string[];
  /** A registry of nothing, which nobody should ask. */
  readonly evil: Registry;
  /** The published package, in a folder of its own. */
  readonly published: string;
  /** The script of the newer version. */
  readonly newerScript: string;
  omnispindle(args: readonly string[], where?: Where): Promise<Ran>;
  /** Runs `init --json`. @returns what it said */
  init(args?: readonly string[], where?: Where): Promise<Record<string, unknown>>;
  /** Starts what a configuration says, as the client does. @returns the version that answers */
  start(entry: Entry, cwd?: string, env?: Record<string, string>): Promise<string | undefined>;
}

/** Our entry in a configuration. */
export function entryIn(path: string): Entry {
  const { mcpServers } = JSON.parse(readFileSync(path, 'utf8')) as { mcpServers: { omnispindle: Entry } };
  return mcpServers.omnispindle;
}

/**
 * Registers mocha hooks that start a registry with two versions of us, which is the person's own.
 * @param home makes the person's home directory: a new one for each test, unless told otherwise
 */
export function useInstalling(home = useDirectory): Installing {
  suiteNeeds('a POSIX system');
  const shared = temporaryDirectory();
  const given = home();
  const published = join(shared.path, 'own');
  const newerPackage = join(shared.path, 'newer', 'node_modules', 'omnispindle');
  let registry: Registry;
  let evil: Registry;

  before(async () => {
    registry = await startRegistry(join(shared.path, 'registry'));
    evil = await startRegistry(join(shared.path, 'evil'));
    const touch = `node -e "fs.writeFileSync(process.env.MARKS + '/postinstall','')"`;
    registry.publish(packageWith(published, { scripts: { postinstall: touch } }));
    registry.publish(packageWith(newerPackage, { version: newer }));
    for (const name of ['keyring', 'keyring-linux-x64-gnu']) {
      registry.publish(join(root, 'node_modules', '@napi-rs', name));
    }
  });
  after(() => {
    registry.close();
    evil.close();
    shared.remove();
  });
  beforeEach(() => {
    registry.requests.length = 0;
    evil.requests.length = 0;
    mkdirSync(marks(), { recursive: true });
    writeFileSync(join(given.path, '.npmrc'), `registry=${registry.url}\n`);
  });

  const marks = () => join(given.path, 'marks');
  const installed = () => join(given.path, 'data', 'install');
  const environment = (env: Record<string, string> = {}) => ({
    ...userEnvironment({ tenant: defaultTenant, directory: given.path }),
    MARKS: marks(),
    XDG_CONFIG_HOME: join(given.path, '.config'),
    ...env,
  });

  function omnispindle(
    args: readonly string[],
    { script = cli, cwd = given.path, env }: Where = {},
  ): Promise<Ran> {
    return new Promise(resolve => {
      const options = { cwd, env: environment(env), timeout: 90_000 };
      execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
      });
    });
  }

  return {
    get path() {
      return given.path;
    },
    get marks() {
      return marks();
    },
    get installed() {
      return installed();
    },
    get cursor() {
      return join(given.path, '.cursor', 'mcp.json');
    },
    get requests() {
      return registry.requests;
    },
    get evil() {
      return evil;
    },
    published,
    newerScript: join(newerPackage, 'dist', 'cli.js'),
    copies: () => readdirSync(installed()).filter(name => /^\d/.test(name)),
    omnispindle,

    async init(args = [], where = {}) {
      const { code, stdout, stderr } = await omnispindle(['init', '--json', ...args], where);
      assert.equal(code, 0, stdout + stderr);
      return JSON.parse(stdout) as Record<string, unknown>;
    },

    async start({ command, args }, cwd = given.path, env = {}) {
      const client = new Client({ name: 'test', version: '1.0.0' });
      const transport = { command, args: [...args], cwd, env: environment(env), stderr: 'ignore' as const };
      await client.connect(new StdioClientTransport(transport));
      const { tools } = await client.listTools();
      assert.ok(tools.some(({ name }) => name === 'whoami'));
      const answered = client.getServerVersion()?.version;
      await client.close();
      return answered;
    },
  };
}
