import { isDeeper } from '../common/jsonDepth.ts';
import { largestChanges, largestField } from './engine.ts';

/** A row as a database gives it, by the names of its columns. */
export type Row = Record<string, unknown>;

/** Levels of JSON from which on a field is not read: what takes an answer apart goes down them one by one. */
const deepest = 64;

/** Fields that hold JSON, with what stands for one that is not read. */
const json: Readonly<Record<string, unknown>> = { tags: [], metadata: {}, changes: {} };
/** Never larger than what can be answered. */
const short = ['id', 'todo_id', 'priority', 'status', 'operation', 'at', 'created_at', 'updated_at'];

/** Selects columns so that a row is never larger than what can be answered; `null` stands for what is too large. */
export function selection(table: string, columns: readonly string[]): string {
  return columns
    .map(column => {
      const name = `${table}.${column}`;
      if (short.includes(column)) return name;
      return `CASE WHEN octet_length(${name}) <= ${limitOf(column)} THEN ${name} END AS ${column}`;
    })
    .join(', ');
}

/** The bytes of what {@link selection} reads of a row. */
export function limitedSize(table: string, columns: readonly string[]): string {
  const sizes = columns.map(column => {
    const size = `octet_length(${table}.${column})`;
    return `CASE WHEN ${size} <= ${limitOf(column)} THEN ${size} ELSE 0 END`;
  });
  return sizes.join(' + ');
}

function limitOf(column: string): string {
  return String(column === 'changes' ? largestChanges : largestField);
}

/** What a row that was selected so holds. What our own statements wrote has the shape of its table's type. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- each caller names its table's type.
export function readRow<T>(row: Row, columns: readonly string[]): T {
  const omitted: string[] = [];
  const values = columns.map(name => {
    const value = row[name];
    const isJson = Object.hasOwn(json, name);
    // A todo that is not completed has no such time.
    if (name === 'completed_at' || (value !== null && !isJson)) return [name, value];
    const parsed = typeof value === 'string' ? parse(value) : undefined;
    if (parsed !== undefined) return [name, parsed];
    omitted.push(name);
    return [name, isJson ? json[name] : ''];
  });
  return { ...Object.fromEntries(values), ...(omitted.length > 0 && { omitted }) } as T;
}

/** A value as its column has it. */
export function toColumn(value: unknown): string | null {
  return typeof value === 'string' || value === null ? value : JSON.stringify(value);
}

/** @returns undefined where it is nested too deep, or where somebody else has written something other than JSON */
function parse(text: string): unknown {
  if (isDeeper(text, deepest)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
