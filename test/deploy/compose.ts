import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
 * Carries out what `docker compose -f FILE up` does. It stands in for Docker: both services are processes of this
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

  const given = Object.entries(services.omnispindle.environment).map(([name, value]) => [
    name,
    filledIn(value, env).replace(/^\/run\/secrets\/(\w+)$/, (_all, secretName: string) =>
      secretPath(secretName),
    ),
  ]);

  const postgres = await startPostgres({ isOwn: true });
  const [roles = ''] = services.postgres.volumes?.filter(volume => volume.includes('initdb.d')) ?? [];
  const passwords = Object.fromEntries(services.postgres.secrets.map(name => [name, secret(name)]));
  const statements = rolesIn(join(folder, roles.split(':')[0] ?? ''), passwords);
  for (const statement of statements) await runSql(postgres.adminUrl, statement);
  for (const name of services.omnispindle.secrets) {
    const address = secret(name).replace('@postgres:5432', `@${new URL(postgres.adminUrl).host}`);
    writeFileSync(secretPath(name), address);
  }

  const port = await freePort();
  const home = join(folder, 'home');
  mkdirSync(home);
  const server = await startContainer([cli, ...words('CMD')], {
    cwd: home,
    env: {
      ...imageEnvironment(),
      HOME: home,
      OMNISPINDLE_DATA_DIR: home,
      OMNISPINDLE_PORT: String(port),
      ...(Object.fromEntries(given) as Record<string, string>),
    },
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
