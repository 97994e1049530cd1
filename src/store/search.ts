import { readCursor, searchPosition, writeCursor } from './cursor.ts';
import type { Match, SearchedRows } from './engine.ts';
import { mostCounted, type Listing, type Page } from './listing.ts';
import { listing } from './paging.ts';
import { searchWords } from './words.ts';

/** Matches that are ranked among each other: to rank them all would cost as much as there are. */
const blockSize = mostCounted;

const weights = [0, 1, 2] as const;

interface Block {
  /** The highest seq that it may have. */
  readonly start: number;
  readonly ranked: readonly Match[];
  /** Where the next one starts, where there may be one. */
  readonly next?: number;
}

/**
 * Reads a page of what has all the words, block by block, each ranked: the weightiest first, then what was added last.
 * @throws StoreError `invalid_query` for the words, `invalid_cursor` for the page's cursor
 */
export async function searchPage<T extends object>(
  name: string,
  rows: SearchedRows<T>,
  typed: string,
  { limit, offset, cursor, hasRoom }: Page,
): Promise<Listing<T>> {
  const words = searchWords(typed);
  const list = [name, words.whole, words.prefix];
  const position = cursor === undefined ? undefined : readCursor(list, searchPosition, cursor);
  const items: T[] = [];
  let last: readonly [number, number, number] | undefined;
  let hasMore = false;
  let left = offset;
  let block = await read(position?.[0]);
  const first = block;
  while (block && !hasMore) {
    const { start, ranked, next } = block;
    const due = start === position?.[0] ? after(ranked, position) : ranked;
    const wanted = due.slice(left);
    left = Math.max(0, left - due.length);
    await rows.at(wanted, (item, { weight, seq }) => {
      hasMore = items.length === limit || hasRoom?.(item) === false;
      if (hasMore) return false;
      items.push(item);
      last = [start, weight, seq];
      return true;
    });
    block = next === undefined ? undefined : await read(next);
  }
  const total =
    position === undefined ? (first?.ranked.length ?? 0) : await rows.countMatches(words, mostCounted);
  return listing(items, total, hasMore && last ? writeCursor(list, last) : undefined);

  async function read(from?: number): Promise<Block | undefined> {
    const matches = await rows.matches(words, blockSize, from);
    const [highest, lowest] = [matches.at(0), matches.at(-1)];
    if (!highest || !lowest) return undefined;
    return {
      start: from ?? highest.seq,
      ranked: weights.flatMap(weight => matches.filter(match => match.weight === weight)),
      ...(matches.length === blockSize && { next: lowest.seq - 1 }),
    };
  }
}

function after(ranked: readonly Match[], [, weight, seq]: readonly [number, number, number]): Match[] {
  return ranked.filter(match => match.weight > weight || (match.weight === weight && match.seq < seq));
}
