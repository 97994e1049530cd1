import * as l10n from '@vscode/l10n';
import { StoreError } from './storeError.ts';

/** Each word costs a walk through all that it matches. */
const mostWords = 16;
/** Characters by which a word is known; the rest of a longer one does not count. */
const longestWord = 64;
const accents = /[\u0300-\u036f]/g;
const word = /[\p{L}\p{M}\p{N}\p{Co}]+/gu;

/** What a row is found by: the different words of its fields, and how much these weigh. */
export interface SearchText {
  /** Weighs most. */
  readonly heading: readonly string[];
  readonly labels: readonly string[];
  readonly body: readonly string[];
}

/** What a row must have to be found. */
export interface SearchWords {
  /** Each of these is one of its words. */
  readonly whole: readonly string[];
  /** One of its words begins so. */
  readonly prefix: string;
}

/**
 * The different words of texts: letters and digits that nothing parts, with case and accents folded, so that
 * those who type either find both. Every store compares these, and none has rules of its own.
 * @example wordsOf('Straße, Café-Bar') // ['strasse', 'cafe', 'bar']
 */
export function wordsOf(...texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap(listWords))];
}

/**
 * The words of a search: a row must have them all, the last of them only as the beginning of one.
 * @throws StoreError `invalid_query` where there is none, or more than are looked for
 */
export function searchWords(typed: string): SearchWords {
  const words = listWords(typed);
  const prefix = words.pop();
  if (prefix === undefined) {
    throw new StoreError(
      'invalid_query',
      l10n.t('There is no word in "{0}" to search for. Give at least one.', typed),
    );
  }
  const whole = [...new Set(words)];
  const different = new Set([...whole, prefix]).size;
  if (different > mostWords) {
    throw new StoreError(
      'invalid_query',
      l10n.t(
        'There are {0} different words in the search, more than the {1} that it takes. Give fewer.',
        String(different),
        String(mostWords),
      ),
    );
  }
  return { whole, prefix };
}

function listWords(text: string): string[] {
  return (fold(text).match(word) ?? []).map(found =>
    found.length > longestWord ? Array.from(found).slice(0, longestWord).join('') : found,
  );
}

function fold(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  const bare = text.normalize('NFKD').replace(accents, '');
  // By way of capitals, so that ß is ss and a final sigma a sigma.
  return bare.toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}
