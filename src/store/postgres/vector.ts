import type { SearchText } from '../words.ts';
import { bucketBits } from './migrations/searchFunctions.ts';

/** Bytes of all words that a `tsvector` takes (Postgres documentation, 12.11), with some room. */
const mostBytes = 1_000_000;
/** Bytes that a word takes beside itself: its length, its position, and what both are aligned to. */
const overhead = 8;

/**
 * What the index has for a row, as a `tsvector` is written: each word with the owner's number and the row's bucket before
 * it, and the weight of the weightiest part that has it. Words have nothing that needs escaping. Where they are more
 * than a row can have, those of the body that come last are left out.
 */
export function vectorOf(owner: number, seq: number, { heading, labels, body }: SearchText): string {
  const prefix = `${String(owner)}.${String(Math.floor(seq / 2 ** bucketBits))}.`;
  const weights = new Map<string, string>();
  let left = mostBytes;
  for (const [words, weight] of [
    [heading, 'A'],
    [labels, 'B'],
    [body, 'C'],
  ] as const) {
    for (const word of words) {
      if (weights.has(word)) continue;
      left -= prefix.length + Buffer.byteLength(word) + overhead;
      if (left < 0) break;
      weights.set(word, weight);
    }
  }
  return Array.from(weights, ([word, weight]) => `'${prefix}${word}':1${weight}`).join(' ');
}
