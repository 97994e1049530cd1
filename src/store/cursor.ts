import { createHash } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { z } from 'zod';
import { StoreError } from './storeError.ts';

/** Where a list by time goes on. */
export const timePosition = z.tuple([z.string().max(64), z.int().min(0)]);
/** Where the list of projects goes on. */
export const namePosition = z.tuple([z.string()]);
/** Where a search goes on: the block of matches that begins at a seq, and what of it came last. */
export const searchPosition = z.tuple([z.int().min(0), z.int().min(0).max(2), z.int().min(0)]);

/** The cursor of a list that goes on after that position. It holds nothing that the list itself does not show. */
export function writeCursor(list: readonly unknown[], position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([markOf(list), ...position])).toString('base64url');
}

/**
 * Reads a cursor that {@link writeCursor} has written for the same list.
 * @throws StoreError `invalid_cursor` where it is anything else
 */
export function readCursor<T>(list: readonly unknown[], shape: z.ZodType<T>, cursor: string): T {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const [mark, ...position] = z.array(z.unknown()).parse(parsed);
    if (mark === markOf(list)) return shape.parse(position);
  } catch {
    // What is wrong with it helps nobody: they have not written it.
  }
  throw new StoreError(
    'invalid_cursor',
    l10n.t(
      'This cursor does not belong to this list. Give the next_cursor of the same tool with the same other arguments, or leave it out to begin again.',
    ),
  );
}

/** Tells lists apart: a position means nothing in another one. */
function markOf(list: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 12);
}
