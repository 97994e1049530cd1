import type { z } from 'zod';
import { readCursor, writeCursor } from './cursor.ts';
import type { ListedRows } from './engine.ts';
import { mostCounted, type Listing, type Page } from './listing.ts';
import type { TodoField } from './todo.ts';

/** A list with a name and a filter, by which its cursors are told from others'. */
export interface PagedList<T, Filter, Key> {
  readonly name: string;
  readonly rows: ListedRows<T, Filter, Key>;
  readonly filter: Filter;
  readonly position: z.ZodType<Key>;
}

/** Reads a page of a list. @throws StoreError `invalid_cursor` where its cursor is not of this list */
export async function readPage<
  T extends object,
  Filter extends object,
  Key extends readonly (string | number)[],
>(
  { name, rows, filter, position }: PagedList<T, Filter, Key>,
  { limit, offset, cursor, hasRoom }: Page,
  fields?: readonly TodoField[],
): Promise<Listing<T>> {
  const list = [name, ...Object.entries(filter).sort()];
  const after = cursor === undefined ? undefined : readCursor(list, position, cursor);
  const items: T[] = [];
  let last: Key | undefined;
  let hasMore = false;
  // One more than asked for says whether there are more.
  await rows.list(
    { filter, after, offset, limit: limit + 1 },
    (item, key) => {
      hasMore = items.length === limit || hasRoom?.(item) === false;
      if (hasMore) return false;
      items.push(item);
      last = key;
      return true;
    },
    fields,
  );
  const total = await rows.count(filter, mostCounted);
  return listing(items, total, hasMore && last ? writeCursor(list, last) : undefined);
}

/** A page's items with what else is known of their list. */
export function listing<T>(items: readonly T[], total: number, nextCursor?: string): Listing<T> {
  return {
    items,
    total,
    ...(total >= mostCounted && { isLowerBound: true }),
    ...(nextCursor !== undefined && { nextCursor }),
  };
}
