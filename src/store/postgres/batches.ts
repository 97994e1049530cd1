import { sql } from 'kysely';
import { limitedSize, selection, type Row } from '../rows.ts';
import type { Fragment } from './filters.ts';
import { fromText } from './text.ts';
import type { Postgres } from './tables.ts';

/** Rows that are read at once, at most. */
export const mostRows = 250;
/** Bytes of rows that are read at once, but for the last of them. */
const mostBytes = 1_000_000;

/** Rows that were read at once, with whether there may be more. */
export interface Batch {
  readonly rows: readonly Row[];
  readonly isFull: boolean;
}

/** What is read of each row, and how many bytes that is. */
export interface Reading {
  readonly columns: Fragment;
  readonly bytes: Fragment;
}

/** Columns of a table, as large as can be answered. */
export const limited = (table: string, columns: readonly string[]): Reading => ({
  columns: sql.raw(selection(table, columns)),
  bytes: sql.raw(limitedSize(table, columns)),
});

/** Columns of text, however large they are. */
export const whole = (columns: readonly string[]): Reading => ({
  columns: sql.join(columns.map(name => sql.ref(name))),
  bytes: sql.join(
    columns.map(name => sql`coalesce(octet_length(${sql.ref(name)}), 0)`),
    sql` + `,
  ),
});

/** What to read of which rows, in which order. */
export interface BatchQuery {
  readonly reading: Reading;
  /** Columns by which it goes on, and that the rows come in the order of. */
  readonly keys: readonly Fragment[];
  /** From `FROM` to `WHERE`. */
  readonly from: Fragment;
  /** The keys with their directions. */
  readonly order: Fragment;
  readonly limit: number;
  readonly offset?: number;
}

/**
 * Reads rows until they are many or large: a list may be asked for with any limit, and a row has up to a megabyte. Their
 * keys are `key_0` and so on.
 */
export async function readBatch(
  database: Postgres,
  { reading, keys, from, order, limit, offset = 0 }: BatchQuery,
): Promise<Batch> {
  const asked = Math.min(limit, mostRows);
  const named = sql.join(keys.map((key, index) => sql`${key} AS ${sql.ref(`key_${String(index)}`)}`));
  const { rows } = await sql<Row>`
    SELECT * FROM (
      SELECT *, sum(row_bytes) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) AS up_to FROM (
        SELECT ${reading.columns}, ${named}, ${reading.bytes} AS row_bytes,
          row_number() OVER (ORDER BY ${order}) AS place
        FROM ${from} ORDER BY ${order} LIMIT ${asked} OFFSET ${offset}
      ) AS wanted
    ) AS summed WHERE up_to - row_bytes < ${mostBytes} ORDER BY place`.execute(database);
  const isCut = Number(rows.at(-1)?.['up_to'] ?? 0) >= mostBytes;
  return { rows: rows.map(decoded), isFull: rows.length > 0 && (isCut || rows.length === asked) };
}

/** A row with its texts as they were written. */
export function decoded(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? fromText(value) : value]),
  );
}
