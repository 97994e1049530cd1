import { join } from 'node:path';
import { createStore } from '../createStore.ts';
import type { StoreEngine } from '../engine.ts';
import { openDatabase, type Database, type DatabaseOptions } from './database.ts';
import type { IssuersOf } from './issuerMigration.ts';
import { lessonRows } from './lessonRows.ts';
import { issuerVersion } from './migrations.ts';
import { proveDatabase } from './ownFiles.ts';
import { schemaVersion } from './schemaVersion.ts';
import type { Store } from '../store.ts';
import { ownerId } from './owners.ts';
import { recordRows } from './recordRows.ts';
import { logRows, projectRows, todoRows } from './todoRows.ts';

/** How the store of a directory is opened. */
export interface StoreOptions extends Pick<DatabaseOptions, 'busyTimeout' | 'log'> {
  /**
   * Finds out whose sessions are kept. Called only for a database from before tenants were told apart, whose
   * rows have no issuer: it may take its time.
   */
  readonly findIssuers?: () => Promise<IssuersOf>;
}

/** The database's file in a data directory. */
export function databasePath(directory: string): string {
  return join(directory, 'omnispindle.db');
}

/**
 * The embedded store: one SQLite file in `directory`, for any number of processes at once. Written in plain
 * SQL, because full-text search, its triggers and the migrations are SQLite's own anyway.
 * @throws StoreError `unavailable` or `busy`, as every method of the store does
 */
export async function openSqliteStore(
  directory: string,
  { findIssuers, ...options }: StoreOptions = {},
): Promise<Store> {
  const path = databasePath(directory);
  const version = proveDatabase(path, options.log) ? schemaVersion(path) : 0;
  // Before the migration begins, so that no other process waits for the keychain.
  const issuersOf = version > 0 && version < issuerVersion ? await findIssuers?.() : undefined;
  const database = openDatabase(path, { ...options, ...(issuersOf && { issuersOf }) });
  return createStore(sqliteEngine(database));
}

/** Keeps rows in an open database. */
export function sqliteEngine(database: Database): StoreEngine {
  return {
    of(owner) {
      const id = ownerId(database, owner);
      return {
        todos: todoRows(database, id),
        logs: logRows(database, id),
        projects: projectRows(database, id),
        lessons: lessonRows(database, id),
        records: recordRows(database, id),
      };
    },
    close: async () => {
      database.close();
    },
  };
}
