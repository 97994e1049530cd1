import type { SQLInputValue } from 'node:sqlite';
import { lessonText, type Lesson } from '../lesson.ts';
import { todoText, type Todo } from '../todo.ts';
import type { SearchText } from '../words.ts';
import type { Database } from './database.ts';
import { readRow, selection, type Row } from '../rows.ts';
import { spaced, tokensOf, type KnownTokens } from './tokens.ts';

/** The tables that have words to be found by. */
export type SearchedTable = 'todo' | 'lesson';

const searched = {
  todo: {
    columns: ['description', 'project', 'ticket', 'tags', 'notes'],
    textOf: (row: Row) => todoText(readRow<Todo>(row, searched.todo.columns)),
  },
  lesson: {
    columns: ['topic', 'language', 'lesson_learned', 'tags'],
    textOf: (row: Row) => lessonText(readRow<Lesson>(row, searched.lesson.columns)),
  },
};

/** Writes what a row is found by, in place of what it was found by before. */
export function writeText(
  { run }: Pick<Database, 'run'>,
  table: SearchedTable,
  seq: number,
  owner: number,
  text: SearchText,
  known?: KnownTokens,
): void {
  run(
    `INSERT OR REPLACE INTO ${table}_words (seq, heading, labels) VALUES (?, ?, ?)`,
    seq,
    spaced(text.heading),
    spaced(text.labels),
  );
  const tokens = tokensOf(owner, text, known);
  run(`INSERT OR REPLACE INTO ${table}_tokens (rowid, tokens) VALUES (?, ?)`, seq, tokens);
}

/**
 * Writes what rows that are there are found by, one after the other.
 * @param condition which rows
 */
export function writeTexts(
  database: Pick<Database, 'each' | 'run'>,
  table: SearchedTable,
  condition = 'true',
  ...values: SQLInputValue[]
): void {
  const { columns, textOf } = searched[table];
  const rows = database.each(
    `SELECT seq, owner, ${selection(table, columns)} FROM ${table} WHERE ${condition}`,
    ...values,
  );
  const known: KnownTokens = new Map();
  for (const row of rows) {
    writeText(database, table, Number(row['seq']), Number(row['owner']), textOf(row), known);
  }
}
