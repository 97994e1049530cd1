import type { SearchedRows } from '../engine.ts';
import type { Database } from './database.ts';
import type { OwnerId } from './owners.ts';
import { readRow, selection } from '../rows.ts';
import { hasAny, matchExpression } from './tokens.ts';

interface SearchedTable {
  readonly table: 'todo' | 'lesson';
  readonly columns: readonly string[];
}

/** Finds one owner's rows of a table, by their id or their words. */
export function searchedRows<T>(
  { get, all }: Database,
  owner: OwnerId,
  { table, columns }: SearchedTable,
): SearchedRows<T> {
  const select = `SELECT ${selection(table, columns)} FROM ${table}`;
  return {
    async find(id) {
      const row = get(`${select} WHERE id = ? AND owner = ?`, id, owner.toRead());
      return row && readRow<T>(row, columns);
    },
    async matches(words, most, from) {
      const [inHeading, heading] = hasAny('heading', words);
      const [inLabels, labels] = hasAny('labels', words);
      // The order of the join is ours: by the words first, which end where there are enough.
      const rows = all(
        `SELECT found.rowid AS seq, CASE WHEN ${inHeading} THEN 0 WHEN ${inLabels} THEN 1 ELSE 2 END AS weight
         FROM ${table}_tokens AS found CROSS JOIN ${table}_words AS words ON words.seq = found.rowid
         WHERE ${table}_tokens MATCH ? ${from === undefined ? '' : 'AND found.rowid <= ?'}
         ORDER BY found.rowid DESC LIMIT ?`,
        ...heading,
        ...labels,
        matchExpression(owner.toRead(), words),
        // Only as an integer: the index does not look for a number with a fraction, which all of JavaScript's are.
        ...(from === undefined ? [] : [BigInt(from)]),
        most,
      );
      return rows.map(({ seq, weight }) => ({ seq: Number(seq), weight: Number(weight) }));
    },
    async countMatches(words, most) {
      const counted = get(
        `SELECT count(*) AS n FROM (SELECT 1 FROM ${table}_tokens WHERE ${table}_tokens MATCH ? LIMIT ?)`,
        matchExpression(owner.toRead(), words),
        most,
      );
      return Number(counted?.['n']);
    },
    async at(matches, take) {
      const of = owner.toRead();
      for (const match of matches) {
        const row = get(`${select} WHERE seq = ? AND owner = ?`, match.seq, of);
        if (row && !take(readRow<T>(row, columns), match)) return;
      }
    },
  };
}
