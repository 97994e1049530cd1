import type { Generated, Kysely } from 'kysely';

/** What all tables of rows have. */
interface OwnedTable {
  owner: string;
  seq: Generated<string>;
}

/** The tables, with what statements read by name; lists and writings name the rest by the columns of a type. */
export interface Tables {
  'omnispindle.todo': OwnedTable & { id: string };
  'omnispindle.lesson': OwnedTable & { id: string };
  'omnispindle.log_entry': OwnedTable;
  'omnispindle.project_count': { owner: string; project: string; todos: number; open: number };
  'omnispindle.kysely_migration': { name: string };
  'omnispindle.log_key': { key: Buffer };
}

/** The database, or a transaction in it. */
export type Postgres = Kysely<Tables>;
