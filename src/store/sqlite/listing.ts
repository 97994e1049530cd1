import type { Database, Row } from './database.ts';
import { matchExpression } from './matchExpression.ts';
import { readRow, selection } from './rows.ts';
import type { Listing, Owner, Page } from '../store.ts';

/** Matches beyond this number are not ranked: that reads every place of every word. */
const mostRanked = 10_000;

interface Source {
  readonly table: 'todos' | 'logs' | 'lessons';
  readonly columns: readonly string[];
}

interface Listed extends Source {
  /** Conditions with their values; those without one do not count. */
  readonly filter: Readonly<Record<string, string | undefined>>;
  readonly order: string;
}

/** Lists what belongs to one person. */
export function createLists(database: Database, { issuer, sub }: Owner) {
  const { get, each } = database;

  function list<T>({ table, columns, filter, order }: Listed, page: Page): Listing<T> {
    const used = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const where = ['issuer = ?', 'sub = ?', ...used.map(([condition]) => condition)].join(' AND ');
    const values = [issuer, sub, ...used.map(([, value]) => value)];
    const total = get(`SELECT count(*) AS total FROM ${table} WHERE ${where}`, ...values);
    const rows = each(
      `SELECT ${selection(table, columns)} FROM ${table} WHERE ${where} ORDER BY ${order} LIMIT ? OFFSET ?`,
      ...values,
      page.limit,
      page.offset,
    );
    return { items: itemsOf<T>(rows, page), total: Number(total?.['total']) };
  }

  function search<T>({ table, columns }: Source, words: string, page: Page): Listing<T> {
    const from = `FROM ${table}_text JOIN ${table} ON ${table}.seq = ${table}_text.rowid
      WHERE ${table}_text MATCH ? AND issuer = ? AND sub = ?`;
    const values = [matchExpression(database, words), issuer, sub];
    const counted = get(
      `SELECT count(*) AS total FROM (SELECT 1 ${from} LIMIT ${String(mostRanked + 1)})`,
      ...values,
    );
    const total = Number(counted?.['total']);
    const isUnranked = total > mostRanked;
    const rows = each(
      `SELECT ${selection(table, columns)} ${from}
       ORDER BY ${table}_text.${isUnranked ? 'rowid DESC' : 'rank'} LIMIT ? OFFSET ?`,
      ...values,
      page.limit,
      page.offset,
    );
    const items = itemsOf<T>(rows, page);
    return isUnranked ? { items, total: mostRanked, isUnranked } : { items, total };
  }

  return { list, search };
}

/** Reads rows one by one, and no more of them than there is room for. */
export function itemsOf<T>(rows: Iterable<Row>, { hasRoom }: Page): T[] {
  const items: T[] = [];
  for (const row of rows) {
    const item = readRow<T & object>(row);
    if (hasRoom && !hasRoom(item)) break;
    items.push(item);
  }
  return items;
}
