import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import * as l10n from '@vscode/l10n';
import { migrations } from './migrations.ts';
import { StoreError } from './store.ts';

/** How long (ms) a write waits for another process's. */
const busyTimeout = 10_000;

/**
 * Opens the database file, made where there is none, so that several processes may use it at once (WAL),
 * and brings its schema up to date.
 * @throws StoreError `unavailable`, saying what to do.
 */
export async function openDatabase(path: string): Promise<DatabaseSync> {
  const { DatabaseSync } = await importSqlite();
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const database = new DatabaseSync(path, { timeout: busyTimeout });
    chmodSync(path, 0o600);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
    migrate(database);
    return database;
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError(
      'unavailable',
      l10n.t(
        'The todo database {0} could not be opened ({1}). Check its permissions and free space; if it is damaged, move it away to begin a new one, or restore a copy.',
        path,
        error instanceof Error ? error.message : String(error),
      ),
      { cause: error },
    );
  }
}

/** Runs `work` in one transaction; nothing of it stays where it throws. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function migrate(database: DatabaseSync): void {
  const version = () => Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version() === migrations.length) return;
  transaction(database, () => {
    // Read again inside the transaction: another process may have been quicker.
    const from = version();
    if (from > migrations.length) {
      throw new StoreError(
        'unavailable',
        l10n.t('The todo database was written by a newer Omnispindle. Update Omnispindle to use it.'),
      );
    }
    for (const step of migrations.slice(from)) database.exec(step);
    database.exec(`PRAGMA user_version = ${String(migrations.length)}`);
  });
}

async function importSqlite(): Promise<typeof import('node:sqlite')> {
  silenceExperimentalWarning();
  try {
    return await import('node:sqlite');
  } catch (error) {
    throw new StoreError(
      'unavailable',
      l10n.t(
        'This runtime (Node.js {0}) has no SQLite. Use Node.js 24 or newer, or VS Code 1.101 or newer.',
        process.versions.node,
      ),
      { cause: error },
    );
  }
}

/** `node:sqlite` announces itself as experimental on stderr, where people look for what went wrong. */
function silenceExperimentalWarning(): void {
  const emit = process.emitWarning.bind(process);
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).includes('SQLite')) emit(warning, ...rest);
  }) as typeof process.emitWarning;
}
