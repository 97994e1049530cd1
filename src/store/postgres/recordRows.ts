import { sql } from 'kysely';
import type { Row } from '../rows.ts';
import { recordIn } from '../transfer/readJson.ts';
import { recordFields, type LogRecord, type RecordType, type StoreRecord } from '../transfer/records.ts';
import { mostEntries, type RecordRows, type RecordWriting } from '../transfer/rows.ts';
import { decoded, mostRows, readBatch, whole } from './batches.ts';
import { all, isOwners, type Fragment } from './filters.ts';
import type { OwnersPlace } from './listedRows.ts';
import { writeWords } from './searchedRows.ts';
import { toText } from './text.ts';
import type { OwnerTransaction } from './transaction.ts';
import { valueOf } from './writtenRows.ts';

const tables = { todo: 'todo', lesson: 'lesson', log: 'log_entry' } as const;
/** Rows that one statement writes. */
const mostWritten = 100;

/** One owner's rows as records. */
export function recordRows({ transact, ownerFilter }: OwnersPlace): RecordRows {
  const tableOf = (type: RecordType) => sql.table(`omnispindle.${tables[type]}`);
  const columnsOf = (type: RecordType) => sql.join(recordFields[type].map(name => sql.ref(name)));

  async function read(
    { database, owner }: OwnerTransaction,
    type: RecordType,
    condition: Fragment,
    rest: Fragment = sql``,
  ): Promise<StoreRecord[]> {
    const { rows } = await sql<Row>`SELECT ${columnsOf(type)} FROM ${tableOf(type)}
      WHERE ${all([isOwners(ownerFilter, owner), condition])} ${rest}`.execute(database);
    return rows.map(row => recordIn(type, decoded(row)));
  }

  async function add(
    transaction: OwnerTransaction,
    type: RecordType,
    added: readonly RecordWriting[],
  ): Promise<void> {
    const { database, owner } = transaction;
    const values = added.map(({ record }) => sql`(${owner}, ${sql.join(valuesOf(record))})`);
    const { rows } = await sql<{ id: string; seq: string }>`
      INSERT INTO ${tableOf(type)} (owner, ${columnsOf(type)}) VALUES ${sql.join(values)} RETURNING id, seq`.execute(
      database,
    );
    const seqs = new Map(rows.map(({ id, seq }) => [id, Number(seq)]));
    await writeTexts(transaction, type, added, record => seqs.get(toText(record.id)) ?? 0);
  }

  async function replace(transaction: OwnerTransaction, writing: RecordWriting): Promise<void> {
    const { database, owner } = transaction;
    const { record } = writing;
    const { type, id } = record;
    const values = valuesOf(record);
    const changes = recordFields[type].map((name, index) => sql`${sql.ref(name)} = ${values[index]}`);
    const { rows } = await sql<{ seq: string }>`UPDATE ${tableOf(type)} SET ${sql.join(changes)}
      WHERE ${all([isOwners(ownerFilter, owner), sql`id = ${toText(id)}`])} RETURNING seq`.execute(database);
    await writeTexts(transaction, type, [writing], () => Number(rows[0]?.seq));
  }

  return {
    async list(type, after, take) {
      for (let from = after; ;) {
        const { rows, isFull } = await transact('read', ({ database, owner }) =>
          readBatch(database, {
            reading: whole(recordFields[type]),
            keys: [sql`seq`],
            from: sql`${tableOf(type)} WHERE ${all([isOwners(ownerFilter, owner), sql`seq > ${from}::bigint`])}`,
            order: sql`seq`,
            limit: mostRows,
          }),
        );
        for (const row of rows) {
          from = Number(row['key_0']);
          if (!take(recordIn(type, row), from)) return;
        }
        if (!isFull) return;
      }
    },
    merge: ({ ids, compare, decide }) =>
      transact('write', async transaction => {
        const found: StoreRecord[] = [];
        for (const [type, wanted] of Object.entries(ids) as [RecordType, readonly string[]][]) {
          if (wanted.length === 0) continue;
          found.push(...(await read(transaction, type, sql`id = ANY(${wanted.map(toText)}::text[])`)));
        }
        const entries: LogRecord[] = [];
        for (const id of compare(found)) {
          const latest = sql`ORDER BY at DESC, seq DESC LIMIT ${mostEntries}`;
          const some = await read(transaction, 'log', sql`todo_id = ${toText(id)}`, latest);
          entries.push(...(some as LogRecord[]));
        }
        const writings = decide(entries);
        for (const [type, added] of Map.groupBy(
          writings.filter(({ replaces }) => !replaces),
          ({ record }) => record.type,
        )) {
          for (let start = 0; start < added.length; start += mostWritten) {
            await add(transaction, type, added.slice(start, start + mostWritten));
          }
        }
        for (const writing of writings) if (writing.replaces) await replace(transaction, writing);
      }),
  };
}

/** Writes what records are found by; log entries are not. */
async function writeTexts(
  transaction: OwnerTransaction,
  type: RecordType,
  written: readonly RecordWriting[],
  seqOf: (record: StoreRecord) => number,
): Promise<void> {
  if (type === 'log') return;
  const rows = written.flatMap(({ record, text }) => (text ? [{ seq: seqOf(record), text }] : []));
  await writeWords(transaction, type, rows);
}

function valuesOf(record: StoreRecord): (string | null)[] {
  return recordFields[record.type].map(name => valueOf(record, name));
}
