import * as l10n from '@vscode/l10n';
import { StoreError } from '../storeError.ts';

/**
 * Loads `node:sqlite` without its notice of being experimental, on stderr, where people look for errors.
 * @throws StoreError `unavailable` where this Node.js has none
 */
export function loadSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: never[]) => {
    if (!String(warning).includes('SQLite')) emitWarning.call(process, warning, ...rest);
  };
  try {
    const sqlite: typeof import('node:sqlite') | undefined = process.getBuiltinModule('node:sqlite');
    if (sqlite) return sqlite;
  } finally {
    process.emitWarning = emitWarning;
  }
  throw new StoreError(
    'unavailable',
    l10n.t(
      'This Node.js ({0}) has no SQLite, in which todos are kept. Use Node.js 22.19 or newer from https://nodejs.org.',
      process.versions.node,
    ),
  );
}

/**
 * Loads `node:sqlite` where it can search texts: a Node.js that uses the system's SQLite may lack FTS5 (SQLite, "FTS5
 * Extension"), or have one before 3.43.
 * @throws StoreError `unavailable` where it cannot, or where there is none
 */
export function loadSearchingSqlite(): typeof import('node:sqlite') {
  const sqlite = loadSqlite();
  const trial = new sqlite.DatabaseSync(':memory:');
  try {
    trial.exec("CREATE VIRTUAL TABLE trial USING fts5 (text, content = '', contentless_delete = 1)");
    return sqlite;
  } catch (error) {
    if (!/no such module|unrecognized option/.test(String(error))) throw error;
    throw new StoreError(
      'unavailable',
      l10n.t(
        'The SQLite of this Node.js ({0}) has no FTS5, or an old one (SQLite before 3.43), which finds todos by their words; no todo was touched. Use Node.js 22.19 or newer from https://nodejs.org.',
        process.versions.node,
      ),
      { cause: error },
    );
  } finally {
    trial.close();
  }
}
