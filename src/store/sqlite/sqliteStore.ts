import { join } from 'node:path';
import { openDatabase, type DatabaseOptions } from './database.ts';
import type { IssuersOf } from './issuerMigration.ts';
import { lessonsOf } from './lessonRows.ts';
import { issuerVersion } from './migrations.ts';
import { proveDatabase } from './ownFiles.ts';
import { schemaVersion } from './schemaVersion.ts';
import type { Store } from '../store.ts';
import { todosOf } from './todoRows.ts';

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
  return {
    of: owner => ({ ...todosOf(database, owner), ...lessonsOf(database, owner) }),
    close: async () => {
      database.close();
    },
  };
}
