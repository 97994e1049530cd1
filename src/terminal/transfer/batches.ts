import type { StoreRecord } from '../../store/transfer/records.ts';
import { recordLine } from '../../store/transfer/writeLines.ts';

/** Most records of a batch, and from how many characters on it takes no more. */
const [mostRecords, mostCharacters] = [500, 500_000];

/** Records that go together, and their lines. */
export interface Batch {
  readonly records: readonly StoreRecord[];
  readonly lines: readonly string[];
}

/** Puts records into batches, in their order; one that is large alone makes one. */
export async function* batchesOf(records: AsyncIterable<StoreRecord>): AsyncGenerator<Batch> {
  let batch: StoreRecord[] = [];
  let lines: string[] = [];
  let size = 0;
  for await (const record of records) {
    const line = recordLine(record);
    if (batch.length > 0 && (batch.length >= mostRecords || size + line.length > mostCharacters)) {
      yield { records: batch, lines };
      [batch, lines, size] = [[], [], 0];
    }
    batch.push(record);
    lines.push(line);
    size += line.length;
  }
  if (batch.length > 0) yield { records: batch, lines };
}
