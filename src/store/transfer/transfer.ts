import { mergeOf } from './merge.ts';
import { recordTypes, type ImportCounts, type RecordType, type StoreRecord } from './records.ts';
import type { RecordRows } from './rows.ts';

/** Records, and characters of them, that are read at a time. */
const [mostRecords, mostCharacters] = [1_000, 250_000];

/**
 * All records of an owner, once each, in the order in which they were added: log entries, todos, lessons, and at last
 * the log entries that were written meanwhile. Memory does not grow with how many there are.
 */
export async function* recordsOf(rows: RecordRows): AsyncGenerator<StoreRecord> {
  const ends = new Map<RecordType, number>();
  for (const type of [...recordTypes, 'log'] as const) {
    for (let hasMore = true; hasMore;) {
      const batch: StoreRecord[] = [];
      let size = 0;
      hasMore = false;
      await rows.list(type, ends.get(type) ?? 0, (record, seq) => {
        batch.push(record);
        ends.set(type, seq);
        size += sizeOf(record);
        hasMore = size >= mostCharacters || batch.length >= mostRecords;
        return !hasMore;
      });
      yield* batch;
    }
  }
}

/** Takes records over, all or none of them. @returns what became of them */
export async function takeOver(rows: RecordRows, records: readonly StoreRecord[]): Promise<ImportCounts> {
  const merge = mergeOf(records);
  await rows.merge(merge);
  return merge.counts();
}

/** About how much of memory a record takes: only its texts can be large. */
function sizeOf(record: StoreRecord): number {
  switch (record.type) {
    case 'lesson':
      return record.lesson_learned.length;
    case 'todo':
      return record.notes.length + record.description.length + JSON.stringify(record.metadata).length;
    case 'log':
      return JSON.stringify(record.changes).length;
  }
}
