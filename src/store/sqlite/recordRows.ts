import type { SQLInputValue } from 'node:sqlite';
import { recordFields, type LogRecord, type RecordType, type StoreRecord } from '../transfer/records.ts';
import { recordIn } from '../transfer/readJson.ts';
import { mostEntries, type RecordRows, type RecordWriting } from '../transfer/rows.ts';
import type { Database } from './database.ts';
import type { OwnerId } from './owners.ts';
import { toColumn } from '../rows.ts';
import { writeText } from './searchText.ts';

const tables = { todo: 'todo', lesson: 'lesson', log: 'log_entry' } as const;

/** One owner's rows as records. */
export function recordRows(database: Database, owner: OwnerId): RecordRows {
  const { get, each, run, transaction } = database;

  function* read(
    type: RecordType,
    condition: string,
    ...values: SQLInputValue[]
  ): Generator<[StoreRecord, number]> {
    const columns = recordFields[type].join(', ');
    const rows = each(`SELECT seq, ${columns} FROM ${tables[type]} ${condition}`, ...values);
    for (const row of rows) yield [recordIn(type, row), Number(row['seq'])];
  }

  function byId(type: RecordType, ids: readonly string[]): StoreRecord[] {
    const columns = recordFields[type].join(', ');
    const of = owner.toRead();
    return ids
      .map(id => get(`SELECT ${columns} FROM ${tables[type]} WHERE owner = ? AND id = ?`, of, id))
      .filter(row => row !== undefined)
      .map(row => recordIn(type, row));
  }

  function entriesOf(id: string): LogRecord[] {
    const condition = 'WHERE owner = ? AND todo_id = ? ORDER BY at DESC, seq DESC LIMIT ?';
    const found = read('log', condition, owner.toRead(), id, mostEntries);
    return [...found].map(([entry]) => entry as LogRecord);
  }

  function write({ record, replaces, text }: RecordWriting): void {
    const { type } = record;
    const of = owner.toWrite();
    const given = record as unknown as Readonly<Record<string, unknown>>;
    const fields = recordFields[type];
    const values = fields.map(field => toColumn(given[field]));
    const table = tables[type];
    const row = replaces
      ? get(
          `UPDATE ${table} SET ${fields.map(field => `${field} = ?`).join(', ')} WHERE owner = ? AND id = ? RETURNING seq`,
          ...values,
          of,
          record.id,
        )
      : get(
          `INSERT INTO ${table} (owner, ${fields.join(', ')})
           VALUES (?, ${fields.map(() => '?').join(', ')}) RETURNING seq`,
          of,
          ...values,
        );
    if (type !== 'log' && text) writeText({ run }, type, Number(row?.['seq']), of, text);
  }

  return {
    async list(type, after, take) {
      // Not by an index of the owner's, which would have all of theirs sorted first.
      const condition = 'NOT INDEXED WHERE seq > ? AND owner = ? ORDER BY seq';
      for (const [record, seq] of read(type, condition, after, owner.toRead())) {
        if (!take(record, seq)) return;
      }
    },
    async merge({ ids, compare, decide }) {
      transaction(() => {
        const found = Object.entries(ids).flatMap(([type, wanted]) => byId(type as RecordType, wanted));
        const entries = compare(found).flatMap(entriesOf);
        for (const writing of decide(entries)) write(writing);
      });
    },
  };
}
