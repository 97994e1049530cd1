import { isObject } from '../../common/isObject.ts';
import { isDeeper } from '../../common/jsonDepth.ts';
import { recordFields, type RecordType, type StoreRecord } from './records.ts';

/** Levels of JSON that a record may have: each is gone down by one more call. */
export const deepestRecord = 500;

/** The record that a row is, with all of its columns. */
export function recordIn(type: RecordType, row: Readonly<Record<string, unknown>>): StoreRecord {
  const values = recordFields[type].map(name => [name, readJson(name, row[name])]);
  return { type, ...Object.fromEntries(values) } as StoreRecord;
}

/**
 * What a column of text holds, as a record has it. JSON that nobody can read, which only somebody else's hand can have
 * written, stays as text, where a value of the field's kind can have one.
 */
function readJson(field: string, column: unknown): unknown {
  if (typeof column !== 'string') return column;
  switch (field) {
    case 'tags': {
      const tags = parsed(column);
      return Array.isArray(tags) && tags.every(tag => typeof tag === 'string') ? tags : [column];
    }
    case 'metadata': {
      const metadata = parsed(column);
      return isObject(metadata) ? metadata : { unreadable: column };
    }
    case 'changes': {
      const changes = parsed(column);
      return isObject(changes) && Object.values(changes).every(isObject)
        ? changes
        : { unreadable: { from: null, to: column } };
    }
    default:
      return column;
  }
}

function parsed(text: string): unknown {
  if (isDeeper(text, deepestRecord)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
