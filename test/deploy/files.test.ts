import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { readCompose, stops } from './container.ts';
import { podsOf, readManifest, type PodContainer } from './kubernetes.ts';

const root = join(import.meta.dirname, '..', '..');
const deploy = (name: string) => readFileSync(join(root, 'deploy', name), 'utf8');
const source = globSync('src/**/*.ts', { cwd: root })
  .map(file => readFileSync(join(root, file), 'utf8'))
  .join('\n');

const compose = readCompose(join(root, 'deploy', 'compose.yaml'));

const [pod] = podsOf(readManifest()).map(({ spec }) => spec);
const {
  containers: [container],
  initContainers: [first] = [],
} = pod!;
const variablesOf = ({ env = [] }: PodContainer) => env.map(({ name }) => name);

describe('the files to run a team’s server in containers', () => {
  it('name settings that there are', () => {
    const named = [
      ...Object.keys(compose.services.omnispindle.environment),
      ...Object.keys(compose.services.migrate.environment),
      ...[first!, container!].flatMap(variablesOf),
      ...[...deploy('Dockerfile').matchAll(/^ENV (\w+)=/gm)].map(([, name = '']) => name),
    ];
    assert.ok(named.length > 12);
    for (const name of new Set(named)) {
      if (name === 'NODE_ENV' || name === 'HOME') continue;
      assert.ok(source.includes(`'${name.replace(/^(DATABASE_\w+)_FILE$/, '$1')}'`), name);
    }
  });

  it('hold no secret, and give none by the environment', () => {
    for (const { environment } of Object.values(compose.services)) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD|DATABASE|SECRET|TOKEN/.test(name)) assert.match(value, /^\/run\/secrets\//, name);
      }
    }
    const used = Object.values(compose.services).flatMap(({ secrets }) => secrets);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(compose.secrets).sort());
    for (const { file } of Object.values(compose.secrets)) assert.match(file, /^\.\/secrets\/\w+$/);
    assert.match(deploy('Dockerfile.dockerignore'), /^deploy\/secrets$/m);
  });

  it('let nobody but this machine reach the container of compose.yaml, and nothing the database', () => {
    const { omnispindle, migrate, postgres } = compose.services;
    assert.deepEqual(omnispindle.ports, ['127.0.0.1:8770:8770']);
    for (const service of [postgres, migrate]) assert.equal(service.ports, undefined);
    for (const service of [omnispindle, migrate]) {
      assert.equal(service.read_only, true);
      assert.deepEqual(service.cap_drop, ['ALL']);
    }
    for (const service of [omnispindle, migrate, postgres]) {
      assert.deepEqual(service.security_opt, ['no-new-privileges:true']);
    }
    assert.ok(postgres.healthcheck);
    assert.ok(Number.parseInt(omnispindle.stop_grace_period ?? '') > stops);
  });

  it('bring the tables up to date before anybody serves, and give nobody who serves the secret for it', () => {
    const { omnispindle, migrate } = compose.services;
    const migrates = ['serve', '--http', '--migrate-only'];
    assert.deepEqual(migrate.command, migrates);
    assert.deepEqual(migrate.depends_on, { postgres: { condition: 'service_healthy' } });
    assert.deepEqual(omnispindle.depends_on, { migrate: { condition: 'service_completed_successfully' } });
    assert.deepEqual(migrate.secrets, ['database_url', 'migration_url']);
    assert.deepEqual(omnispindle.secrets, ['database_url']);
    assert.deepEqual(first?.args, migrates);
    assert.equal(first?.image, container?.image);
    const mounts = (of?: PodContainer) => of?.volumeMounts?.map(({ name }) => name);
    assert.deepEqual(mounts(first), ['tmp', 'database', 'migration']);
    assert.deepEqual(mounts(container), ['tmp', 'database']);
    const secrets = pod?.volumes?.flatMap(({ name, secret }) => (secret ? [[name, secret.secretName]] : []));
    assert.deepEqual(secrets, [
      ['database', 'omnispindle-database'],
      ['migration', 'omnispindle-migration'],
    ]);
    // What is mounted there is all that the variables name.
    for (const { env = [], volumeMounts = [] } of [first, container!]) {
      for (const { name, value = '' } of env) {
        if (!name.endsWith('_FILE')) continue;
        assert.ok(
          volumeMounts.some(({ mountPath }) => value.startsWith(`${mountPath}/`)),
          value,
        );
      }
    }
    const serving = [...Object.keys(omnispindle.environment), ...variablesOf(container!)];
    assert.deepEqual(
      serving.filter(name => name.includes('MIGRATION')),
      [],
    );
  });

  it('make secrets once, in a directory that nobody else gets into', () => {
    const directory = temporaryDirectory();
    try {
      mkdirSync(join(directory.path, 'deploy'));
      const script = join(directory.path, 'deploy', 'make-secrets.sh');
      copyFileSync(join(root, 'deploy', 'make-secrets.sh'), script);
      execFileSync('sh', [script], { stdio: 'ignore' });
      const secrets = join(directory.path, 'deploy', 'secrets');
      assert.equal(statSync(secrets).mode & 0o777, 0o700);
      const made = Object.values(compose.secrets).map(({ file }) =>
        readFileSync(join(directory.path, 'deploy', file), 'utf8'),
      );
      assert.equal(made.length, 5);
      const [superuser = '', owner = '', requests = '', databaseUrl = '', migrationUrl = ''] = made;
      for (const password of [superuser, owner, requests]) assert.match(password, /^[\da-f]{48}$/);
      assert.equal(new Set([superuser, owner, requests]).size, 3);
      assert.equal(new URL(databaseUrl.trim()).password, requests);
      assert.equal(new URL(migrationUrl.trim()).password, owner);
      assert.throws(() => execFileSync('sh', [script], { stdio: 'ignore' }));
      assert.equal(readFileSync(join(secrets, 'owner_password'), 'utf8'), owner);
    } finally {
      directory.remove();
    }
  });
});
