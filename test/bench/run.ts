import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { createBrokerHost } from '../../src/broker/host.ts';
import { startTenant } from '../tenant/tenant.ts';
import { benchActivation } from './activation.ts';
import { benchConnect } from './connect.ts';
import { benchManyServers } from './manyServers.ts';
import { callTimes, ms, percentile, start, table, type Candidate } from './measure.ts';

// `npm run bench`: prints tables; nothing is asserted. Everything compared is measured in this one run.
const root = join(import.meta.dirname, '..', '..');
const rounds = 15;
const calls = 3_000;
const directory = mkdtempSync(join(tmpdir(), 'omnispindle-bench-'));
const tenant = await startTenant();

try {
  sizes();
  await bundledServer();
  await benchManyServers(tenant);
  await benchConnect(tenant);
  await benchActivation();
} finally {
  await tenant.close();
  rmSync(directory, { recursive: true, force: true });
}
process.exit();

/** What activation loads: the file itself, and the chunks it imports at once. */
function sizes(): void {
  const loaded = new Set<string>();
  const walk = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)"(\.[^"]+)"/g))
      walk(join(dirname(file), path));
  };
  const entry = join(root, 'dist', 'extension.js');
  walk(entry);
  const total = [...loaded].reduce((sum, file) => sum + statSync(file).size, 0);
  console.log('\n## Size of the extension\n');
  console.log(
    table(
      ['', 'bytes'],
      [
        ['dist/extension.js', String(statSync(entry).size)],
        ['… with the chunks it loads at activation', String(total)],
        ['VS Code’s GitHub Authentication (design.md)', '230203'],
      ],
    ),
  );
}

/** Bundles a server the way ours is. @returns its path */
async function bundle(name: string): Promise<string> {
  const outfile = join(directory, `${name}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  return outfile;
}

async function bundledServer(): Promise<void> {
  const [bare, ungated] = await Promise.all(['bareServer', 'ungatedServer'].map(bundle));
  const hour = 3_600_000;
  const silent = () => undefined;
  const broker = createBrokerHost({
    getToken: async () => ({
      accessToken: await tenant.sign({}),
      expiresAt: Date.now() + hour,
      lifetime: hour,
    }),
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });
  const env = {
    AUTH0_DOMAIN: tenant.domain,
    AUTH0_CLIENT_ID: tenant.clientId,
    AUTH0_AUDIENCE: tenant.audience,
    OMNISPINDLE_DATA_DIR: directory,
  };
  const cli = join(root, 'dist', 'cli.js');
  const withoutGate = 'ours without the gate';
  const candidates: Candidate[] = [
    { name: 'bare SDK server, one tool', args: [bare ?? ''] },
    { name: withoutGate, args: [ungated ?? ''] },
    {
      name: 'omnispindle serve, AUTH0_TOKEN',
      args: [cli, 'serve'],
      env: { ...env, AUTH0_TOKEN: await tenant.sign({}) },
    },
    {
      name: 'omnispindle serve, the editor’s broker',
      args: [cli, 'serve'],
      env: { ...env, ...(await broker.grant('ada')).env },
    },
  ];
  const starts = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  // In turns, so that whatever else the machine does meets all alike.
  for (let round = 0; round < rounds; round++) {
    for (const candidate of candidates) {
      const { client, toolsAfter } = await start(candidate);
      starts.get(candidate.name)?.push(toolsAfter);
      await client.close();
    }
  }
  const times = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  const running = await Promise.all(
    candidates.map(async candidate => ({ candidate, ...(await start(candidate)) })),
  );
  for (const { client } of running) await callTimes(client, 'whoami', 300);
  for (let round = 0; round < 10; round++) {
    for (const { client, candidate } of running) {
      times.get(candidate.name)?.push(...(await callTimes(client, 'whoami', calls / 10)));
    }
  }
  await Promise.all(running.map(({ client }) => client.close()));
  await broker.dispose();
  const p50 = (name: string) => percentile(times.get(name) ?? [], 0.5);
  console.log(`\n## The bundled server (${String(rounds)} starts, ${String(calls)} calls each, in turns)\n`);
  console.log(
    table(
      ['', 'spawn to tools/list, p50', 'call p50', '… against no gate', 'call p99'],
      candidates.map(({ name }) => [
        name,
        ms(percentile(starts.get(name) ?? [], 0.5)),
        `${p50(name).toFixed(3)} ms`,
        `${(p50(name) / p50(withoutGate)).toFixed(2)} times`,
        ms(percentile(times.get(name) ?? [], 0.99)),
      ]),
    ),
  );
}
