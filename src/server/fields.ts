import * as l10n from '@vscode/l10n';
import { z } from 'zod';
import { mostPassedOver } from '../store/listing.ts';
import { ToolError } from './tool.ts';

/** Characters of a cursor, in which there may be a project's name. */
const longestCursor = 5_000;
/** Characters of a time. */
const longestTime = 64;
const written = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)? ?(Z|[+-]\d\d:\d\d)?)?$/i;

/**
 * A time as people and models write it: a day alone or without a zone, which is UTC then. Given on in UTC, so that
 * times compare as text.
 */
export const time = z.preprocess(
  value => {
    const [, day = '', clock = '00:00', seconds = ':00', zone = 'Z'] =
      typeof value === 'string' && value.length <= longestTime ? (written.exec(value.trim()) ?? []) : [];
    return day ? `${day}T${clock}${seconds}${zone.toUpperCase()}` : value;
  },
  z.iso
    .datetime({ offset: true })
    .max(longestTime)
    .transform(text => new Date(text).toISOString()),
);

/** The id of a todo or a lesson. */
export const id = z.string().min(1).max(64);
/** A short text, trimmed. Limits are in UTF-16 units. */
export const line = z.string().trim().min(1).max(500);
/** A text of any number of lines. */
export const prose = z.string().max(20_000);
/** Tags, each a word or a few. */
export const tags = z.array(z.string().trim().min(1).max(100)).max(50);

const limit = z.int().min(1).max(500).default(50).describe('How many to return at most.');
const offset = z.int().min(0).default(0).describe('How many to pass over.');
/** What is read from the beginning at every call. */
export const offsetInput = { limit, offset };
/** Which page of a list to return. */
export const pageInput = {
  limit,
  offset: offset
    .unwrap()
    .max(mostPassedOver)
    .default(0)
    .describe(`How many to pass over, ${String(mostPassedOver)} at most; a cursor goes further.`),
  cursor: z
    .string()
    .max(longestCursor)
    .optional()
    .describe('The next_cursor of the answer before this one, with the same other arguments.'),
};

/** Characters and levels of metadata, as JSON. */
const longestMetadata = 16_000;
const deepestMetadata = 20;
const metadataLimits = `At most ${String(longestMetadata)} characters as JSON, ${String(deepestMetadata)} levels deep.`;
/** Fields of the caller's own, as an object. */
export const metadata = z
  .record(z.string(), z.unknown())
  .refine(
    value => !isDeeper(value, deepestMetadata) && JSON.stringify(value).length <= longestMetadata,
    metadataLimits,
  )
  .describe(`Any further fields. ${metadataLimits}`);

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some(part => isDeeper(part, levels - 1));
}

/** Leaves out what was not given: an absent property is not the same as one that is undefined. */
export function given<T extends Record<string, unknown>>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof given<T>
  >;
}

/** @throws ToolError where there is none with that id, or it is somebody else's. */
export function existing<T>(found: T | undefined, wanted: string): T {
  if (found === undefined) {
    throw new ToolError(
      l10n.t('There is nothing of yours with the id {0}. List or search to find the right id.', wanted),
    );
  }
  return found;
}
