import { sql } from 'kysely';
import type { ListedRows, Slice, Take, TimeKey } from '../engine.ts';
import { readRow } from '../rows.ts';
import type { TodoField } from '../todo.ts';
import { limited, readBatch } from './batches.ts';
import { all, areEqual, isOwners, type Fragment, type OwnerFilter } from './filters.ts';
import type { Transact } from './transaction.ts';

/** One owner's place in the database. */
export interface OwnersPlace {
  readonly transact: Transact;
  readonly ownerFilter: OwnerFilter;
}

/** A table whose rows are listed by time. */
export interface TimedTable {
  readonly table: 'todo' | 'lesson' | 'log_entry';
  readonly columns: readonly string[];
  /** The column of the time that the list is ordered by. */
  readonly time: string;
}

/** Lists one owner's rows of a table by an index, whatever the filter. */
export function timedRows<T, Filter extends object>(
  { transact, ownerFilter }: OwnersPlace,
  timed: TimedTable,
): ListedRows<T, Filter, TimeKey> {
  const { table, columns, time } = timed;
  const name = sql.table(`omnispindle.${table}`);
  const at = sql.ref(time);

  function conditions(owner: number, given: object, after?: TimeKey): Fragment {
    const { since, ...filter } = given as Readonly<Record<string, string | undefined>>;
    const fields = Object.entries(filter).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    // They are in the statement as they are.
    const unknown = fields.find(([field]) => !columns.includes(field));
    if (unknown) throw new TypeError(`${table} has no ${unknown[0]}.`);
    return all([
      isOwners(ownerFilter, owner),
      ...areEqual(fields),
      ...(since === undefined ? [] : [sql`${at} >= ${since}`]),
      ...(after ? [sql`(${at}, seq) < (${after[0]}, ${after[1]}::bigint)`] : []),
    ]);
  }

  return {
    async list({ filter, after, offset, limit }: Slice<Filter, TimeKey>, take: Take<T, TimeKey>, fields) {
      const read = fields
        ? columns.filter(column => column === 'id' || fields.includes(column as TodoField))
        : columns;
      let [key, left, passed] = [after, limit, offset];
      while (left > 0) {
        const { rows, isFull } = await transact('read', ({ database, owner }) =>
          readBatch(database, {
            reading: limited(table, read),
            keys: [at, sql`seq`],
            from: sql`${name} WHERE ${conditions(owner, filter, key)}`,
            order: sql`${at} DESC, seq DESC`,
            limit: left,
            offset: passed,
          }),
        );
        for (const row of rows) {
          key = [String(row['key_0']), Number(row['key_1'])];
          if (!take(readRow<T>(row, read), key)) return;
        }
        if (!isFull) return;
        left -= rows.length;
        passed = 0;
      }
    },
    count: (filter, most) =>
      transact('read', async ({ database, owner }) => {
        const { rows } = await sql<{ n: string }>`
          SELECT count(*) AS n FROM (SELECT 1 FROM ${name} WHERE ${conditions(owner, filter)} LIMIT ${most}) AS counted`.execute(
          database,
        );
        return Number(rows[0]?.n);
      }),
  };
}
