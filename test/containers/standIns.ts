import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installDebianPackages } from '../debian.ts';
import { installNodes, nodeOf } from '../nodes.ts';
import type { Engine } from './engine.ts';

/** The images that ours begin with: what Debian's packages are in them, and what is done then, in their folder. */
const images: Record<string, { readonly packages: string[]; prepare(folder: string): string[] }> = {
  'node:24-trixie-slim': { packages: ['ca-certificates', 'libatomic1', 'libstdc++6'], prepare: nodeSteps },
  'postgres:18-trixie': { packages: ['postgresql-17'], prepare: postgresSteps },
};

/**
 * Has the images that ours begin with: those of the registry, or, where it is out of reach, others of the same names
 * that are made here, of the same Debian.
 * @returns which are stood in for
 */
export async function provideBaseImages(engine: Engine): Promise<string[]> {
  const standIns: string[] = [];
  for (const name of Object.keys(images)) {
    if (await has(engine, name)) continue;
    try {
      await engine.run('pull', '--quiet', name);
    } catch {
      await makeStandIn(engine, name);
      standIns.push(name);
    }
  }
  return standIns;
}

const has = (engine: Engine, name: string): Promise<boolean> =>
  engine.run('image', 'inspect', name).then(
    () => true,
    () => false,
  );

async function makeStandIn(engine: Engine, name: string): Promise<void> {
  const { packages, prepare } = images[name] ?? {};
  if (!packages || !prepare) throw new Error(name);
  installDebianPackages(['mmdebstrap']);
  const folder = mkdtempSync(join(tmpdir(), 'omnispindle-stand-in-'));
  try {
    const system = join(folder, 'system.tar');
    execFileSync(
      'mmdebstrap',
      ['--variant=minbase', '--quiet', `--include=${packages.join()}`, 'trixie', system],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    await engine.run('import', system, 'omnispindle-test/system');
    rmSync(system);
    const steps = ['FROM omnispindle-test/system', ...prepare(folder)];
    writeFileSync(join(folder, 'Dockerfile'), steps.join('\n'));
    await engine.run('build', '--network', 'none', '--tag', name, folder);
    await engine.run('rmi', 'omnispindle-test/system');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Node.js and npm, where the image of that name has them. */
function nodeSteps(folder: string): string[] {
  installNodes();
  copyFileSync(nodeOf('24.21.0'), join(folder, 'node'));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, 'npm@11'], { stdio: 'pipe' });
  execFileSync('sh', ['-c', 'tar -xzf npm-*.tgz && mv package npm'], { cwd: folder });
  const npm = '/usr/local/lib/node_modules/npm';
  // What this machine trusts on the way to npm's registry.
  const authorities = process.env['NODE_EXTRA_CA_CERTS'];
  if (authorities) copyFileSync(authorities, join(folder, 'authorities.pem'));
  return [
    ...(authorities
      ? [
          'COPY authorities.pem /usr/local/etc/authorities.pem',
          'RUN echo cafile=/usr/local/etc/authorities.pem > /usr/local/etc/npmrc',
        ]
      : []),
    'COPY --chmod=0755 node /usr/local/bin/node',
    `COPY npm ${npm}`,
    `RUN ln -s ${npm}/bin/npm-cli.js /usr/local/bin/npm && chmod 0755 ${npm}/bin/npm-cli.js`,
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'CMD ["node"]',
  ];
}

/** Debian's Postgres, with as much of the image's entrypoint as compose.yaml uses. */
function postgresSteps(folder: string): string[] {
  writeFileSync(join(folder, 'entrypoint'), postgresEntrypoint, { mode: 0o755 });
  return [
    'COPY --chmod=0755 entrypoint /usr/local/bin/entrypoint',
    'RUN install -d -o postgres -g postgres /var/run/postgresql /docker-entrypoint-initdb.d',
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/17/bin',
    'VOLUME /var/lib/postgresql',
    'STOPSIGNAL SIGINT',
    'ENTRYPOINT ["entrypoint"]',
  ];
}

const postgresEntrypoint = `#!/bin/sh
set -eu
data=/var/lib/postgresql/18/docker
if [ "$(id -u)" = 0 ]; then
  install -d -o postgres -g postgres -m 0700 "$data"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0"
fi
if [ ! -s "$data/PG_VERSION" ]; then
  initdb --pgdata="$data" --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" --auth-host=scram-sha-256
  echo 'host all all all scram-sha-256' >> "$data/pg_hba.conf"
  pg_ctl --pgdata="$data" --options='-c listen_addresses=' --wait start
  for file in /docker-entrypoint-initdb.d/*.sql; do
    psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --username=postgres --file="$file"
  done
  pg_ctl --pgdata="$data" --mode=fast --wait stop
fi
exec postgres -D "$data" -c 'listen_addresses=*'
`;
