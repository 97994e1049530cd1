import type { SearchText } from '../words.ts';
import type { LogRecord, RecordType, StoreRecord } from './records.ts';

/** How many of a row's log entries are looked at, the latest first, for what they keep of it. */
export const mostEntries = 200;

/** A record to write. */
export interface RecordWriting {
  readonly record: StoreRecord;
  /** Whether a row with its id is there, whose fields it takes over; the row stays where it is in the order. */
  readonly replaces: boolean;
  /** What a search finds it by; absent for log entries. */
  readonly text?: SearchText;
}

/** Records that are compared with what is there, and written; a transaction that is done again asks again. */
export interface Merge {
  /** The ids to look for. */
  readonly ids: Readonly<Record<RecordType, readonly string[]>>;
  /** Hears which of them are there. @returns of which rows the log entries must be known, by their ids */
  compare(found: readonly StoreRecord[]): readonly string[];
  /** Hears the entries of these, the latest {@link mostEntries} of each. @returns what to write, in this order */
  decide(entries: readonly LogRecord[]): readonly RecordWriting[];
}

/** The rows of one owner as records, each in full. */
export interface RecordRows {
  /** Gives those of a type in the order in which they were added, with a number that grows, until `take` wants no more. */
  list(type: RecordType, after: number, take: (record: StoreRecord, seq: number) => boolean): Promise<void>;
  /** Reads, asks what to write, and writes it, all in one transaction, while no other merge of the owner's runs. */
  merge(merge: Merge): Promise<void>;
}
