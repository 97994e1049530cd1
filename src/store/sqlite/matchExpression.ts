import * as l10n from '@vscode/l10n';
import type { Database } from './database.ts';
import { StoreError } from '../store.ts';

/** Each word costs a walk through all that it matches. */
const mostWords = 16;

/**
 * The FTS5 query (SQLite documentation, "Full-text Query Syntax") for what a person typed: every word must
 * occur, the last of its letters may be missing; nothing in it is syntax. FTS5 itself takes the words apart,
 * so that those count as one that it takes for one: case and accents do not matter.
 * @throws StoreError `invalid_query`
 */
export function matchExpression({ run, all }: Database, typed: string): string {
  // Tables of this connection alone, in memory.
  run('CREATE VIRTUAL TABLE IF NOT EXISTS temp.typed USING fts5 (words)');
  run('CREATE VIRTUAL TABLE IF NOT EXISTS temp.typed_words USING fts5vocab (temp, typed, instance)');
  // As most people's text is: where a letter has several accents, FTS5 drops them only if they come apart.
  run('INSERT INTO temp.typed (words) VALUES (?)', typed.normalize('NFC'));
  const words = all('SELECT term FROM temp.typed_words GROUP BY term ORDER BY min("offset")');
  run('DELETE FROM temp.typed');
  if (words.length === 0) {
    throw new StoreError(
      'invalid_query',
      l10n.t('There is no word in "{0}" to search for. Give at least one.', typed),
    );
  }
  if (words.length > mostWords) {
    throw new StoreError(
      'invalid_query',
      l10n.t(
        'There are {0} different words in the search, more than the {1} that it takes. Give fewer.',
        String(words.length),
        String(mostWords),
      ),
    );
  }
  return words.map(({ term }) => `"${String(term)}"*`).join(' ');
}
