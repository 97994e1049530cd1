import { countOwners as countOwnersIn, type OwnerCounts } from './sqlite/countOwners.ts';
import { countRows as countRowsIn, type RowCounts } from './sqlite/countRows.ts';
import { claimGivenRows, rowsGivenToDefault, type GivenRows } from './sqlite/givenRows.ts';
import { loadSearchingSqlite } from './sqlite/sqlite.ts';
import { databasePath, openSqliteStore, type StoreOptions } from './sqlite/sqliteStore.ts';
import type { Owner, Store } from './store.ts';

// The one place that chooses what keeps todos and lessons in a data directory. Lint lets no other file of ours name it.

export type { OwnerCounts } from './sqlite/countOwners.ts';
export type { GivenRows } from './sqlite/givenRows.ts';

/**
 * Opens the store of a data directory, for any number of processes at once.
 * @throws StoreError `unavailable` or `busy`, as every method of the store does
 */
export function openDirectoryStore(directory: string, options?: StoreOptions): Promise<Store> {
  return openSqliteStore(directory, options);
}

/** The file in which a data directory's todos and lessons are. */
export function storePath(directory: string): string {
  return databasePath(directory);
}

/** Proves that this Node.js can keep todos, and find them by their words. @throws StoreError `unavailable` where it cannot */
export function requireStore(): void {
  loadSearchingSqlite();
}

/** How many todos and lessons there are, whoever's they are; undefined where there are none, or they are not to be read. */
export function countRows(directory: string): RowCounts | undefined {
  return countRowsIn(databasePath(directory));
}

/**
 * Who has todos or lessons in a data directory, without its owner there: what somebody wrote at another tenant, or as
 * another account of this one.
 * @throws StoreError
 */
export function otherOwners(directory: string, { issuer, sub }: Owner): readonly OwnerCounts[] {
  return countOwnersIn(databasePath(directory)).filter(other => other.issuer !== issuer || other.sub !== sub);
}

/** What a migration has given to the default tenant and is still there, for each `sub`. @throws StoreError */
export function givenRows(directory: string): readonly GivenRows[] {
  return rowsGivenToDefault(databasePath(directory));
}

/** Moves what was given to the default tenant of that owner's `sub` to the owner. @throws StoreError */
export function claimRows(directory: string, owner: Owner): void {
  claimGivenRows(databasePath(directory), owner);
}
