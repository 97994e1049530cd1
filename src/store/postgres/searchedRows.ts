import { sql } from 'kysely';
import type { SearchedRows } from '../engine.ts';
import { readRow } from '../rows.ts';
import type { SearchText, SearchWords } from '../words.ts';
import { limited, mostRows, readBatch } from './batches.ts';
import { isOwners } from './filters.ts';
import type { OwnersPlace } from './listedRows.ts';
import type { OwnerTransaction } from './transaction.ts';
import { vectorOf } from './vector.ts';
import { readRowById } from './writtenRows.ts';

interface SearchedTable {
  readonly table: 'todo' | 'lesson';
  readonly columns: readonly string[];
}

/** Higher than any number of a row. */
const highest = Number.MAX_SAFE_INTEGER;

/** Finds one owner's rows of a table, by their id or their words. */
export function searchedRows<T>(
  { transact, ownerFilter }: OwnersPlace,
  { table, columns }: SearchedTable,
): SearchedRows<T> {
  const name = sql.table(`omnispindle.${table}`);
  const found = ({ whole, prefix }: SearchWords, most: number, from = highest) =>
    sql`${sql.raw(`omnispindle.find_${table}`)}(${[...whole]}::text[], ${prefix}::text, ${most}::integer, ${from}::bigint)`;
  return {
    find: id =>
      transact('read', async transaction => {
        const found = await readRowById<T>(transaction, { table, columns }, ownerFilter, id);
        return found?.row;
      }),
    matches: (words, most, from) =>
      transact('read', async ({ database }) => {
        const { rows } = await sql<{ seq: string; weight: number }>`
          SELECT found_seq AS seq, weight FROM ${found(words, most, from)}`.execute(database);
        return rows.map(({ seq, weight }) => ({ seq: Number(seq), weight }));
      }),
    countMatches: (words, most) =>
      transact('read', async ({ database }) => {
        const { rows } = await sql<{ n: string }>`SELECT count(*) AS n FROM ${found(words, most)}`.execute(
          database,
        );
        return Number(rows[0]?.n);
      }),
    async at(matches, take) {
      for (let next = 0; next < matches.length;) {
        const asked = matches.slice(next, next + mostRows);
        const { rows, isFull } = await transact('read', ({ database, owner }) =>
          readBatch(database, {
            reading: limited(table, columns),
            keys: [sql`asked.place`],
            from: sql`unnest(${asked.map(({ seq }) => seq)}::bigint[]) WITH ORDINALITY AS asked (wanted, place)
              JOIN ${name} ON seq = asked.wanted AND ${isOwners(ownerFilter, owner)}`,
            order: sql`asked.place`,
            limit: asked.length,
          }),
        );
        for (const row of rows) {
          const match = asked[Number(row['key_0']) - 1];
          if (match && !take(readRow<T>(row, columns), match)) return;
        }
        // Where all of a batch are gone there is no last one to go on behind.
        const last = Number(rows.at(-1)?.['key_0']);
        next += isFull ? last : asked.length;
      }
    },
  };
}

/** A row, by its number, with what it is found by. */
export interface FoundBy {
  readonly seq: number;
  readonly text: SearchText;
}

/** Writes what rows are found by, in place of what they were found by before. */
export async function writeWords(
  { database, owner }: OwnerTransaction,
  table: 'todo' | 'lesson',
  rows: readonly FoundBy[],
): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map(
    ({ seq, text }) => sql`(${owner}::bigint, ${seq}::bigint, ${vectorOf(owner, seq, text)}::tsvector)`,
  );
  await sql`INSERT INTO ${sql.table(`omnispindle.${table}_words`)} (owner, seq, words) VALUES ${sql.join(values)}
    ON CONFLICT (owner, seq) DO UPDATE SET words = excluded.words`.execute(database);
}
