import { sql } from 'kysely';
import { readRow, toColumn } from '../rows.ts';
import { limited, readBatch } from './batches.ts';
import { all, isOwners, type OwnerFilter } from './filters.ts';
import type { OwnerTransaction } from './transaction.ts';
import { toText } from './text.ts';

/** A table that rows are written to. */
export interface WrittenTable {
  readonly table: 'todo' | 'lesson' | 'log_entry';
  readonly columns: readonly string[];
}

/** A row with its number. */
export interface NumberedRow<T> {
  readonly row: T;
  readonly seq: number;
}

/** Adds a row. @returns its number */
export async function insertRow(
  { database, owner }: OwnerTransaction,
  { table, columns }: WrittenTable,
  row: object,
): Promise<number> {
  const { rows } = await sql<{ seq: string }>`
    INSERT INTO ${sql.table(`omnispindle.${table}`)} (owner, ${sql.join(columns.map(column => sql.ref(column)))})
    VALUES (${owner}, ${sql.join(columns.map(column => valueOf(row, column)))}) RETURNING seq`.execute(
    database,
  );
  return Number(rows[0]?.seq);
}

/** The row with that id. */
export async function readRowById<T>(
  { database, owner }: OwnerTransaction,
  { table, columns }: WrittenTable,
  ownerFilter: OwnerFilter,
  id: string,
): Promise<NumberedRow<T> | undefined> {
  const { rows } = await readBatch(database, {
    reading: limited(table, columns),
    keys: [sql`seq`],
    from: sql`${sql.table(`omnispindle.${table}`)} WHERE ${all([isOwners(ownerFilter, owner), sql`id = ${toText(id)}`])}`,
    order: sql`seq`,
    limit: 1,
  });
  return rows[0] && { row: readRow<T>(rows[0], columns), seq: Number(rows[0]['key_0']) };
}

/** Writes fields of a row: those that are given. */
export async function updateRow(
  { database, owner }: OwnerTransaction,
  { table, columns }: WrittenTable,
  ownerFilter: OwnerFilter,
  seq: number,
  fields: object,
): Promise<void> {
  const given = columns.filter(column => Reflect.get(fields, column) !== undefined);
  await sql`UPDATE ${sql.table(`omnispindle.${table}`)}
    SET ${sql.join(given.map(column => sql`${sql.ref(column)} = ${valueOf(fields, column)}`))}
    WHERE ${all([isOwners(ownerFilter, owner), sql`seq = ${seq}`])}`.execute(database);
}

/** Removes a row, and with it what it is found by. */
export async function deleteRow(
  { database, owner }: OwnerTransaction,
  { table }: WrittenTable,
  ownerFilter: OwnerFilter,
  seq: number,
): Promise<void> {
  await sql`DELETE FROM ${sql.table(`omnispindle.${table}`)}
    WHERE ${all([isOwners(ownerFilter, owner), sql`seq = ${seq}`])}`.execute(database);
}

/** The value of a row as its column has it. */
export function valueOf(row: object, column: string): string | null {
  const value = toColumn(Reflect.get(row, column));
  return value === null ? null : toText(value);
}
