import * as l10n from '@vscode/l10n';
import type * as z from 'zod/mini';
import { isObject } from '../../common/isObject.ts';
import { hasMoreValues, isDeeper } from '../../common/jsonDepth.ts';
import { plainLine } from '../../common/plainText.ts';
import { StoreError } from '../storeError.ts';
import { afterHeader, formatName, formatVersion, header, type EndLine } from './format.ts';
import { linesOf, type Line } from './lines.ts';
import { deepestRecord } from './readJson.ts';
import { countTypes, type StoreRecord } from './records.ts';

/** Most values in a line; no tool has ever kept a fifth of it in a row. */
const mostValues = 50_000;

/** A record, and the line that it is from. */
export interface ReadRecord {
  readonly record: StoreRecord;
  readonly line: number;
}

/**
 * Reads what an export has written, record by record.
 * @param longest the largest line (bytes)
 * @throws StoreError `invalid_records`, naming the line, at the first that is not as it should be; at the end where the
 * last line is missing or counts other records than there were
 * @example
 * import { createReadStream } from 'node:fs';
 * import { readRecords } from './readLines.ts';
 *
 * for await (const { record, line } of readRecords(createReadStream('todos.jsonl'))) console.log(line, record.id);
 */
export async function* readRecords(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  longest?: number,
): AsyncGenerator<ReadRecord> {
  const counted = countTypes();
  let isBegun = false;
  let end: EndLine | undefined;
  for await (const line of linesOf(chunks, longest)) {
    const value = jsonIn(line);
    if (!isBegun) {
      readHeader(line, value);
      isBegun = true;
      continue;
    }
    if (end) throw wrong(line, l10n.t('There is something after the last line of an export.'));
    const read = readLine(line, value);
    if (read.type === 'end') {
      end = read;
      continue;
    }
    counted[read.type]++;
    yield { record: read, line: line.number };
  }
  if (!isBegun) throw noExport(l10n.t('There is nothing in it.'));
  if (!end) {
    throw new StoreError(
      'invalid_records',
      l10n.t(
        'Its last line is missing: it was cut off after {0} todos, {1} lessons and {2} log entries. Export again.',
        ...[counted.todo, counted.lesson, counted.log].map(String),
      ),
    );
  }
  if (end.todos !== counted.todo || end.lessons !== counted.lesson || end.logs !== counted.log) {
    throw new StoreError(
      'invalid_records',
      l10n.t(
        'Its last line counts {0} todos, {1} lessons and {2} log entries, and there are {3}, {4} and {5}: something of it is missing or was added. Export again.',
        ...[end.todos, end.lessons, end.logs, counted.todo, counted.lesson, counted.log].map(String),
      ),
    );
  }
}

function readHeader(line: Line, value: unknown): void {
  const { format, version } = isObject(value) ? value : {};
  if (format !== formatName) {
    throw noExport(l10n.t('Its first line does not say that it is one.'));
  }
  if (version !== formatVersion) {
    throw new StoreError(
      'invalid_records',
      l10n.t(
        'It is an export of version {0}, and this Omnispindle reads version {1}. Use the version of Omnispindle that wrote it, or a newer one: npx -y omnispindle@latest',
        plainLine(JSON.stringify(version) ?? '?', 20),
        String(formatVersion),
      ),
    );
  }
  const parsed = header.safeParse(value);
  if (!parsed.success) throw wrong(line, mistake(parsed.error, value));
}

function readLine(line: Line, value: unknown): StoreRecord | EndLine {
  const parsed = afterHeader.safeParse(value);
  if (!parsed.success) throw wrong(line, mistake(parsed.error, value));
  // Stores keep UTF-8, which has no halves of characters.
  return line.text.includes(String.raw`\ud`) || line.text.includes(String.raw`\uD`)
    ? (wellFormed(parsed.data) as StoreRecord)
    : parsed.data;
}

/** What is wrong with a line, by its first mistake; without the value, which may be long or a secret. */
function mistake({ issues: [issue] }: z.core.$ZodError, value: unknown): string {
  if (!isObject(value)) return l10n.t('It is no JSON object.');
  if (issue?.code === 'unrecognized_keys') {
    return l10n.t('There is no field "{0}" in it.', plainLine(issue.keys[0] ?? '', 50));
  }
  const field = plainLine(issue?.path.map(String).join('.') ?? '', 50);
  return field in value || issue?.path.length !== 1
    ? l10n.t('Its "{0}" is not as an export has it.', field)
    : l10n.t('Its "{0}" is missing.', field);
}

function jsonIn(line: Line): unknown {
  let value: unknown;
  try {
    const isReadable = !isDeeper(line.text, deepestRecord + 2) && !hasMoreValues(line.text, mostValues);
    if (isReadable) value = JSON.parse(line.text);
  } catch {
    // Said below.
  }
  if (value !== undefined) return value;
  // Somebody may have named another file.
  if (line.number === 1) throw noExport(l10n.t('Its first line does not say that it is one.'));
  throw wrong(line, l10n.t('It is not JSON, is nested too deep, or has too many values.'));
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name.toWellFormed(), wellFormed(of)]));
}

function wrong({ number }: Line, why: string): StoreError {
  return new StoreError(
    'invalid_records',
    l10n.t('Line {0} is not a line of an export. {1}', String(number), why),
  );
}

function noExport(why: string): StoreError {
  return new StoreError(
    'invalid_records',
    l10n.t('This is no export of Omnispindle. {0} Make one with: omnispindle export', why),
  );
}
