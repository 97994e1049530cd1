import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { createBrokerHost } from '../../src/broker/host.ts';
import { startTenant } from '../tenant/tenant.ts';
import { benchActivation } from './activation.ts';
import { benchAudiences } from './audiences.ts';
import { benchConnect } from './connect.ts';
import { benchExpiredToken } from './expiredToken.ts';
import { benchHttp, benchSoak } from './http.ts';
import { benchStore } from './store.ts';
import {
  callTimesInTurns,
  inTurns,
  start,
  startTimesInTurns,
  table,
  timeCells,
  timeHeads,
  type Candidate,
} from './measure.ts';

// `npm run bench`: prints tables; nothing is asserted. Everything compared is measured in this one run. What follows
// `--` are the parts that are wanted, all where there are none: `npm run bench -- connect store`.
const root = join(import.meta.dirname, '..', '..');
const directory = mkdtempSync(join(tmpdir(), 'omnispindle-bench-'));
const tenant = await startTenant();

const parts: Record<string, () => void | Promise<void>> = {
  sizes,
  serve: bundledServer,
  connect: () => benchConnect(tenant),
  expired: () => benchExpiredToken(tenant),
  audiences: benchAudiences,
  activation: benchActivation,
  store: () => benchStore(),
  million: () => benchStore([1_000, 100_000, 1_000_000]),
  http: () => benchHttp(tenant),
  soak: () => benchSoak(tenant),
};
/** Only where they are asked for, because they take ten minutes. */
const onlyByName = new Set(['soak', 'million']);

try {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find(name => !(name in parts));
  if (unknown !== undefined) throw new Error(`"${unknown}" is none of ${Object.keys(parts).join(', ')}.`);
  for (const [name, measure] of Object.entries(parts)) {
    if (wanted.length === 0 ? !onlyByName.has(name) : wanted.includes(name)) await measure();
  }
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
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)"(\.[^"]+)"/g)) {
      walk(join(dirname(file), path));
    }
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
async function bundle(name: string, alias: Record<string, string> = {}): Promise<string> {
  const outdir = join(directory, name);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What ours brings in late must not run at once, as it would in a single file.
    splitting: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.19',
    alias,
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  return join(outdir, `${name}.mjs`);
}

/** Has a bundled server start as ours does: what was compiled once is not compiled again. @returns its path */
function withCompileCache(path: string): string {
  const start = `${path}.cached.mjs`;
  const text = `import module from 'node:module'; module.enableCompileCache(); await import(${JSON.stringify(path)});`;
  writeFileSync(start, text);
  return start;
}

async function bundledServer(): Promise<void> {
  const [bare, ungated] = await Promise.all([
    bundle('bareServer'),
    bundle('ungatedServer', {
      '@modelcontextprotocol/server/_shims': join(root, 'src', 'server', 'sdkShims.ts'),
    }),
  ]);
  const accessToken = await tenant.sign({});
  const lifetime = 3_600_000;
  const silent = () => undefined;
  const broker = createBrokerHost({
    getToken: () => Promise.resolve({ accessToken, lifetime, expiresAt: Date.now() + lifetime }),
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });
  const env = {
    AUTH0_DOMAIN: tenant.domain,
    AUTH0_CLIENT_ID: tenant.clientId,
    AUTH0_AUDIENCE: tenant.audience,
    OMNISPINDLE_DATA_DIR: directory,
  };
  const args = [join(root, 'dist', 'cli.js'), 'serve'];
  const candidates: Candidate[] = [
    { name: 'bare SDK server, one tool', args: [bare] },
    { name: '… with a compile cache, as ours has one', args: [withCompileCache(bare)] },
    { name: 'ours without the gate', args: [withCompileCache(ungated)] },
    { name: 'omnispindle serve, AUTH0_TOKEN', args, env: { ...env, AUTH0_TOKEN: accessToken } },
    {
      name: 'omnispindle serve, token from the broker',
      args,
      env: { ...env, ...(await broker.grant('auth0|ada')).env },
    },
  ];
  const starts = await startTimesInTurns(candidates);
  const running = await Promise.all(candidates.map(start));
  const times = await callTimesInTurns(running);
  await Promise.all(running.map(({ close }) => close()));
  await broker.dispose();
  console.log(`\n## The bundled server (${inTurns})\n`);
  console.log(
    table(
      ['', ...timeHeads],
      candidates.map(({ name }, index) => [name, ...timeCells(starts[index], times[index])]),
    ),
  );
}
