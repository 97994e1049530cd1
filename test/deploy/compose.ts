import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cli } from '../bundle.ts';
import { imageEnvironment, readCompose, rolesIn, startContainer, words } from './container.ts';
import { freePort } from '../freePort.ts';
import { runSql, startPostgres } from '../postgres.ts';

/** What runs in the place of what a file of compose describes. */
export interface RunningCompose extends AsyncDisposable {
  /** Of this machine, where the server is reached. */
  readonly port: number;
}

/**
 * Carries out what `docker compose -f FILE up` does. It stands in for Docker: its services are processes of this
 * machine, so the database has another address, paths below `/run/secrets` lead to the secrets themselves, and the
 * server's port is a free one.
 * @param file where it is, with the secrets beside it
 * @param env the variables of the shell that the command runs in
 */
export async function runCompose(
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<RunningCompose> {
  const { services, secrets } = readCompose(file);
  const folder = dirname(file);
  const secretPath = (name: string) => join(folder, secrets[name]?.file ?? assert.fail(name));
  const secret = (name: string) => readFileSync(secretPath(name), 'utf8');

  const environmentOf = (service: 'migrate' | 'omnispindle') => {
    const given = Object.entries(services[service].environment).map(([name, value]) => [
      name,
      filledIn(value, env).replace(/^\/run\/secrets\/(\w+)$/, (_all, secretName: string) => {
        assert.ok(services[service].secrets.includes(secretName), secretName);
        return secretPath(secretName);
      }),
    ]);
    return Object.fromEntries(given) as Record<string, string>;
  };

  const postgres = await startPostgres({ isOwn: true });
  const [roles = ''] = services.postgres.volumes?.filter(volume => volume.includes('initdb.d')) ?? [];
  const passwords = Object.fromEntries(services.postgres.secrets.map(name => [name, secret(name)]));
  const statements = rolesIn(join(folder, roles.split(':')[0] ?? ''), passwords);
  for (const statement of statements) await runSql(postgres.adminUrl, statement);
  for (const name of services.migrate.secrets) {
    const address = secret(name).replace('@postgres:5432', `@${new URL(postgres.adminUrl).host}`);
    writeFileSync(secretPath(name), address);
  }

  const port = await freePort();
  const home = join(folder, 'home');
  mkdirSync(home);
  const common = { ...imageEnvironment(), HOME: home, OMNISPINDLE_DATA_DIR: home };
  const migration = { cwd: home, env: { ...common, ...environmentOf('migrate') } };
  await promisify(execFile)(process.execPath, [cli, ...(services.migrate.command ?? [])], migration);
  const server = await startContainer([cli, ...words('CMD')], {
    cwd: home,
    env: { ...common, OMNISPINDLE_PORT: String(port), ...environmentOf('omnispindle') },
  });
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.process.kill('SIGKILL');
      await postgres[Symbol.asyncDispose]();
    },
  };
}

/** With the variables in it: `${NAME:-default}`, and `${NAME:?why it must be set}`. */
function filledIn(value: string, env: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\{(\w+):([-?])([^}]*)\}/g, (_all, name: string, kind: string, rest: string) => {
    if (env[name]) return env[name];
    assert.equal(kind, '-', `${name}: ${rest}`);
    return rest;
  });
}
