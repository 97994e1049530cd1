import { formatName, formatVersion, type EndLine } from './format.ts';
import { countTypes, type StoreRecord, type TypeCounts } from './records.ts';

/**
 * The first line of an export.
 * @param at the time (ISO 8601, UTC)
 */
export function headerLine(at: string): string {
  return lineOf({ format: formatName, version: formatVersion, exported_at: at });
}

/** A record as a line. */
export function recordLine(record: StoreRecord): string {
  return lineOf(record);
}

/** The last line, which counts the records before it. */
export function endLine(counted: Readonly<TypeCounts>): string {
  const end: EndLine = { type: 'end', todos: counted.todo, lessons: counted.lesson, logs: counted.log };
  return lineOf(end);
}

/**
 * The lines of an export.
 * @param at the time (ISO 8601, UTC)
 * @param counted where the records are counted as they are written
 */
export async function* exportLines(
  records: AsyncIterable<StoreRecord> | Iterable<StoreRecord>,
  at: string,
  counted: TypeCounts = countTypes(),
): AsyncGenerator<string> {
  yield headerLine(at);
  for await (const record of records) {
    counted[record.type]++;
    yield recordLine(record);
  }
  yield endLine(counted);
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
