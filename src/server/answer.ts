import * as l10n from '@vscode/l10n';
import { z } from 'zod';
import { mostCounted, mostPassedOver, type Listing, type Page } from '../store/listing.ts';
import { ToolError } from './tool.ts';

/** Bytes that a tool's answer may have, as structured content and as text together. */
const budget = 1_000_000;

/** What an item says of itself where it is not whole. */
export const omitted = z
  .array(z.string())
  .optional()
  .describe('Fields that are too large for an answer; here they are empty.');

/** What a list says besides its items. */
export const pageOutput = {
  total: z.int().describe('How many there are in all.'),
  total_is_lower_bound: z
    .boolean()
    .optional()
    .describe(`True where there are ${String(mostCounted)} or more: they are counted no further.`),
  next_cursor: z.string().optional().describe('Where there are more: the cursor to go on with.'),
  next_offset: z.int().optional().describe('Where there are more: the offset to go on with.'),
  note: z.string().optional().describe('What else to know about this answer.'),
};

/** A page of a list that ends where an answer would become too long, and what to say of it. */
export interface AnswerPage extends Page {
  /** The list's items, and what else its answer says, with notes besides. */
  answer<T extends object>(listing: Answered<T>, ...notes: string[]): PageAnswer<T>;
}

/** A list; one without cursors has `hasMore`. */
export type Answered<T> = Listing<T> & { readonly hasMore?: boolean };

interface PageAnswer<T> {
  readonly items: T[];
  readonly rest: {
    total: number;
    total_is_lower_bound?: boolean;
    next_cursor?: string;
    next_offset?: number;
    note?: string;
  };
}

/**
 * The page that a tool's input asks for, without its other fields.
 * @throws ToolError where it says twice where to begin
 */
export function pageOf({ limit, offset, ...given }: Omit<Page, 'hasRoom'>): AnswerPage {
  // Models write an empty text for what they do not have.
  const cursor = given.cursor === '' ? undefined : given.cursor;
  if (cursor !== undefined && offset > 0) {
    throw new ToolError(l10n.t('Give a cursor or an offset, not both: a cursor says where to go on.'));
  }
  let left = budget;
  let isFull = false;
  return {
    limit,
    offset,
    cursor,
    hasRoom(item) {
      const size = sizeOf(item);
      // One at least, or the next call would be where this one is; it may be too large for any answer.
      isFull = left < budget && size > left;
      if (!isFull) left -= size;
      return !isFull;
    },
    answer({ items, total, isLowerBound, nextCursor, hasMore }, ...notes) {
      const next = offset + items.length;
      // Where a cursor has begun nobody knows how many are before it.
      const hasOffset =
        cursor === undefined && (hasMore ?? (nextCursor !== undefined && next <= mostPassedOver));
      if (isFull) {
        notes.push(
          hasOffset
            ? l10n.t(
                'Only {0} are in this answer, which would be too long with the next one. Go on with the offset {1}.',
                String(items.length),
                String(next),
              )
            : l10n.t(
                'Only {0} are in this answer, which would be too long with the next one. Go on with next_cursor.',
                String(items.length),
              ),
        );
      }
      return {
        items: items.map(fit),
        rest: {
          total,
          ...(isLowerBound && { total_is_lower_bound: true }),
          ...(nextCursor !== undefined && { next_cursor: nextCursor }),
          ...(hasOffset && { next_offset: next }),
          ...(notes.length > 0 && { note: notes.join(' ') }),
        },
      };
    },
  };
}

/** Empties the largest fields of an item until an answer can hold it, and says which. */
export function fit<T extends object>(item: T): T {
  if (sizeOf(item) <= budget) return item;
  const sizes = Object.entries(item).map(([name, value]) => ({
    name,
    value: value as unknown,
    size: sizeOf([value]),
  }));
  const { name, value } = sizes.reduce((a, b) => (b.size > a.size ? b : a));
  const empty = typeof value === 'string' ? '' : Array.isArray(value) ? [] : {};
  const before = 'omitted' in item ? (item.omitted as readonly string[]) : [];
  return fit({ ...item, [name]: empty, omitted: [...before, name] });
}

/** Bytes of an item in an answer: as it is, and as text, which is indented and then quoted. */
function sizeOf(item: object): number {
  const text = JSON.stringify([[item]], null, 2);
  return Buffer.byteLength(JSON.stringify(item)) + Buffer.byteLength(JSON.stringify(text));
}
