import * as l10n from '@vscode/l10n';
import { StoreError } from '../store.ts';

/**
 * Loads `node:sqlite` without its notice of being experimental, on stderr, where people look for errors.
 * @throws StoreError `unavailable` where this runtime has none
 */
export function loadSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).includes('SQLite')) emitWarning.call(process, warning, ...rest);
  }) as typeof emitWarning;
  try {
    const sqlite: typeof import('node:sqlite') | undefined = process.getBuiltinModule('node:sqlite');
    if (sqlite) return sqlite;
  } finally {
    process.emitWarning = emitWarning;
  }
  throw new StoreError(
    'unavailable',
    l10n.t(
      'This runtime (Node.js {0}) has no SQLite. Use Node.js 24 or newer, or VS Code 1.101 or newer.',
      process.versions.node,
    ),
  );
}
