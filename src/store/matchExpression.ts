import * as l10n from '@vscode/l10n';
import { StoreError } from './store.ts';

/**
 * The FTS5 query (SQLite documentation, "Full-text Query Syntax") for what a person typed: every word must
 * occur, the last of its letters may be missing; nothing in it is syntax.
 * @throws StoreError `invalid_query`
 */
export function matchExpression(words: string): string {
  // In decomposed text an accent would end the word.
  const found = words.normalize('NFC').match(/[\p{L}\p{N}_]+/gu);
  if (!found) {
    throw new StoreError(
      'invalid_query',
      l10n.t('There is no word in "{0}" to search for. Give at least one.', words),
    );
  }
  return found.map(word => `"${word}"*`).join(' ');
}
