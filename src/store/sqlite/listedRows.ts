import type { ListedRows, Slice, Take, TimeKey } from '../engine.ts';
import type { TodoField } from '../todo.ts';
import type { Database } from './database.ts';
import type { OwnerId } from './owners.ts';
import { readRow, selection } from '../rows.ts';

/** A table whose rows are listed by time. */
export interface TimedTable {
  readonly table: string;
  readonly columns: readonly string[];
  /** The column of the time that the list is ordered by. */
  readonly time: string;
  /**
   * The indexes by the columns before the time, the one that leaves fewest rows first. Named in each statement: without
   * statistics SQLite takes one of several by chance, and walks through a million rows.
   */
  readonly indexes: readonly (readonly string[])[];
}

/** Rows of one owner that a filter lets pass: conditions with their values. */
interface Wanted {
  readonly from: string;
  readonly values: readonly (string | number)[];
}

/** Lists one owner's rows of a table by an index, whatever the filter. */
export function timedRows<T, Filter extends object>(
  { get, each }: Database,
  owner: OwnerId,
  timed: TimedTable,
): ListedRows<T, Filter, TimeKey> {
  const { table, columns, time } = timed;
  return {
    async list({ filter, after, offset, limit }: Slice<Filter, TimeKey>, take: Take<T, TimeKey>, fields) {
      const { from, values } = wanted(timed, owner.toRead(), filter);
      const read = fields
        ? columns.filter(name => name === 'id' || fields.includes(name as TodoField))
        : columns;
      const rows = each(
        `SELECT ${selection(table, read)}, ${time} AS key_time, seq AS key_seq FROM ${from}
         ${after ? `AND (${time}, seq) < (?, ?)` : ''} ORDER BY ${time} DESC, seq DESC LIMIT ? OFFSET ?`,
        ...values,
        ...(after ?? []),
        limit,
        offset,
      );
      for (const row of rows) {
        if (!take(readRow<T>(row, read), [String(row['key_time']), Number(row['key_seq'])])) break;
      }
    },
    async count(filter, most) {
      const { from, values } = wanted(timed, owner.toRead(), filter);
      const counted = get(`SELECT count(*) AS n FROM (SELECT 1 FROM ${from} LIMIT ?)`, ...values, most);
      return Number(counted?.['n']);
    },
  };
}

function wanted({ table, columns, time, indexes }: TimedTable, owner: number, given: object): Wanted {
  const { since, ...filter } = given as Readonly<Record<string, string | undefined>>;
  const fields = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const names = fields.map(([name]) => name);
  // They are in the statement as they are.
  const unknown = names.find(name => !columns.includes(name));
  if (unknown !== undefined) throw new TypeError(`${table} has no ${unknown}.`);
  // Most rows have no ticket and no agent: an index by the empty text leaves most of them.
  const telling = names.filter(name => filter[name] !== '');
  const index = indexOf(indexes, telling) ?? indexOf(indexes, names) ?? [];
  const conditions = ['owner = ?', ...names.map(name => `${name} = ?`)];
  return {
    from: `${table} INDEXED BY ${[table, 'by', ...index, 'time'].join('_')} WHERE ${[...conditions, ...(since === undefined ? [] : [`${time} >= ?`])].join(' AND ')}`,
    values: [owner, ...fields.map(([, value]) => value), ...(since === undefined ? [] : [since])],
  };
}

function indexOf(indexes: TimedTable['indexes'], names: readonly string[]): readonly string[] | undefined {
  return indexes.find(by => by.every(column => names.includes(column)));
}
