import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import * as l10n from '@vscode/l10n';
import { noLog, type Log } from '../../common/log.ts';
import type { IssuersOf } from './issuerMigration.ts';
import { migrations, ownerVersion } from './migrations.ts';
import { makeOrCloseDatabase, proveDatabase } from './ownFiles.ts';
import { schemaVersion } from './schemaVersion.ts';
import { loadSearchingSqlite, loadSqlite } from './sqlite.ts';
import type { Row } from '../rows.ts';
import { StoreError } from '../storeError.ts';

/** An open database. What goes wrong on the machine's side is a StoreError that says what to do. */
export interface Database {
  get(sql: string, ...values: SQLInputValue[]): Row | undefined;
  all(sql: string, ...values: SQLInputValue[]): Row[];
  /** The rows one by one, each read when it is asked for; whoever leaves the loop ends the reading. */
  each(sql: string, ...values: SQLInputValue[]): Iterable<Row>;
  /** @returns how many rows were changed */
  run(sql: string, ...values: SQLInputValue[]): number;
  /** Runs `work` in one transaction; nothing of it stays where it throws. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Result codes (SQLite documentation, "Result and Error Codes"). */
const busyCodes = [5, 6];
const machineCodes = [8, 10, 11, 13, 14, 26];
/** From how many todos and lessons on a migration is spoken of, and how many it takes in a second on a slow machine. */
const [many, rowsPerSecond] = [20_000, 5_000];
/** Statements that are kept; there are as many as there are kinds of filters. */
const mostPrepared = 100;

/** How a database is opened. */
export interface DatabaseOptions {
  /** How long (ms) a write waits for another process's. */
  readonly busyTimeout?: number;
  /** Says whose the rows are that were written before tenants were told apart; absent where nobody knows. */
  readonly issuersOf?: IssuersOf;
  /** Hears what was open to others, and is closed now. */
  readonly log?: Log;
}

/**
 * Opens the database file, made where there is none, so that several processes may use it at once (WAL),
 * and brings its schema up to date. One of a newer version is not touched.
 * @throws StoreError `unavailable` or `busy`
 */
export function openDatabase(
  path: string,
  { busyTimeout = 10_000, issuersOf = () => [], log = noLog }: DatabaseOptions = {},
): Database {
  const { DatabaseSync } = loadSearchingSqlite();
  let connection: DatabaseSync | undefined;
  try {
    if (proveDatabase(path, log) && schemaVersion(path) > migrations.length) throw newer();
    makeOrCloseDatabase(path, log);
    connection = new DatabaseSync(path, { timeout: busyTimeout });
    useWriteAheadLog(connection, busyTimeout);
    connection.exec('PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
    migrate(connection, issuersOf, log);
    // Not before: an index over a million rows is sorted in files, or else in as much memory.
    connection.exec('PRAGMA temp_store = MEMORY');
    return wrap(connection, path);
  } catch (error) {
    // An open handle would keep the person from moving a damaged file away on Windows.
    connection?.close();
    if (error instanceof StoreError) throw error;
    throw isOneOf(error, busyCodes) ? busy(path, error) : unavailable(path, error);
  }
}

/**
 * Opens a database that is there to look at it as it is, of this version or an older one.
 * @throws StoreError `unavailable`
 */
export function readDatabase(path: string): Database {
  const { DatabaseSync } = loadSqlite();
  if (schemaVersion(path) > migrations.length) throw newer();
  try {
    return wrap(new DatabaseSync(path, { readOnly: true }), path);
  } catch (error) {
    throw unavailable(path, error);
  }
}

function wrap(connection: DatabaseSync, path: string): Database {
  function explain(error: unknown): unknown {
    if (isOneOf(error, busyCodes)) return busy(path, error);
    return isOneOf(error, machineCodes) ? unavailable(path, error) : error;
  }
  function explained<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw explain(error);
    }
  }
  const prepared = new Map<string, StatementSync>();
  /** To prepare a statement takes longer than most take to run. Not for those whose rows are read one by one. */
  function prepare(sql: string): StatementSync {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = connection.prepare(sql);
    if (prepared.size >= mostPrepared) prepared.clear();
    prepared.set(sql, statement);
    return statement;
  }
  return {
    get: (sql, ...values) => explained(() => prepare(sql).get(...values)),
    all: (sql, ...values) => explained(() => prepare(sql).all(...values)),
    *each(sql, ...values) {
      try {
        yield* connection.prepare(sql).iterate(...values);
      } catch (error) {
        throw explain(error);
      }
    },
    run: (sql, ...values) => explained(() => Number(prepare(sql).run(...values).changes)),
    transaction: work => explained(() => transaction(connection, work)),
    close: () => {
      connection.close();
    },
  };
}

/**
 * Of several processes that begin a database together, SQLite lets all but one fail at once, so that they do not deadlock.
 * @throws what SQLite throws, once `busyTimeout` (ms) is over
 */
function useWriteAheadLog(connection: DatabaseSync, busyTimeout: number): void {
  for (const end = Date.now() + busyTimeout; ;) {
    try {
      connection.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isOneOf(error, busyCodes) || Date.now() > end) throw error;
      // A write, unlike the change of mode, waits for the other process.
      connection.exec('BEGIN IMMEDIATE; COMMIT');
    }
  }
}

function transaction<T>(connection: DatabaseSync, work: () => T): T {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    try {
      connection.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, as it does on a full disk; the first error is the one that helps.
    }
    throw error;
  }
}

function migrate(connection: DatabaseSync, issuersOf: IssuersOf, log: Log): void {
  const version = () => Number(connection.prepare('PRAGMA user_version').get()?.['user_version']);
  const found = version();
  if (found === migrations.length) return;
  transaction(connection, () => {
    // Read again inside the transaction: another process may have been quicker.
    const from = version();
    if (from > migrations.length) throw newer();
    if (from > 0 && from < migrations.length) sayWhereLong(connection, from, log);
    for (const step of migrations.slice(from)) {
      if (typeof step === 'string') connection.exec(step);
      else step(connection, issuersOf);
    }
    connection.exec(`PRAGMA user_version = ${String(migrations.length)}`);
  });
  // Else the log stays as large as all that was written again.
  if (found > 0) connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}

/** Nothing is answered meanwhile: whoever waits learns why. */
function sayWhereLong(connection: DatabaseSync, version: number, log: Log): void {
  const tables = version < ownerVersion ? ['todos', 'lessons'] : ['todo', 'lesson'];
  const counts = tables.map(table => connection.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
  const rows = counts.reduce<number>((sum, count) => sum + Number(count), 0);
  if (rows < many) return;
  log.warn(
    l10n.t(
      'The todo database of an older Omnispindle is brought up to date, once: {0} todos and lessons. It may take {1} seconds.',
      String(rows),
      String(Math.ceil(rows / rowsPerSecond)),
    ),
  );
}

function isOneOf(error: unknown, codes: readonly number[]): boolean {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  // The low byte is the primary code, the rest says more about it.
  return typeof code === 'number' && codes.includes(code & 0xff);
}

function newer(): StoreError {
  return new StoreError(
    'unavailable',
    l10n.t(
      'The todo database was written by a newer Omnispindle; nothing of it was touched. Update this one with: npx -y omnispindle@latest init',
    ),
  );
}

function busy(path: string, cause: unknown): StoreError {
  return new StoreError(
    'busy',
    l10n.t(
      'Another process has been writing to the todo database {0} for too long. Nothing was changed; try again in a moment.',
      path,
    ),
    { cause },
  );
}

function unavailable(path: string, cause: unknown): StoreError {
  return new StoreError(
    'unavailable',
    l10n.t(
      'The todo database {0} could not be used ({1}). Nothing was changed. Check its permissions and free space, or name another directory with OMNISPINDLE_DATA_DIR; if it is damaged, move it away to begin a new one, or restore a copy.',
      path,
      cause instanceof Error ? cause.message : String(cause),
    ),
    { cause },
  );
}
