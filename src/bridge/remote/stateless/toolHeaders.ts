import type { OutgoingHttpHeaders } from 'node:http';
import { isObject } from '../../../common/isObject.ts';
import { headerValue } from './requestHeaders.ts';

/** An argument of a tool that is repeated in a header. */
interface Mirrored {
  /** Where it stands in the arguments. */
  readonly path: readonly string[];
  /** The header, in small letters. */
  readonly header: string;
}

const mark = 'x-mcp-header';
/** RFC 9110 section 5.6.2. */
const token = /^[\w!#$%&'*+.^`|~-]{1,256}$/;
const mirrorable = new Set<unknown>(['string', 'integer', 'boolean']);
/** Deepest schema that is looked through; one that goes on has no marks that count. */
const deepest = 64;

/** That a tool's marks break the rules, so that no client may call it. */
export class InvalidMarkError extends Error {
  override readonly name = 'InvalidMarkError';
}

/**
 * Which arguments of a tool are repeated in headers (MCP specification 2026-07-28, "Schema Extension").
 * @throws InvalidMarkError
 */
export function mirroredArguments(inputSchema: unknown): readonly Mirrored[] {
  const found: Mirrored[] = [];
  lookThrough(inputSchema, [], found, 0);
  const headers = new Set(found.map(({ header }) => header));
  if (headers.size < found.length) throw new InvalidMarkError('two of its headers have the same name');
  return found;
}

/** @param path where a value stands in the arguments; undefined where no call can say that */
function lookThrough(
  schema: unknown,
  path: readonly string[] | undefined,
  found: Mirrored[],
  depth: number,
): void {
  if (depth > deepest) return;
  if (Array.isArray(schema)) {
    for (const each of schema as unknown[]) lookThrough(each, undefined, found, depth + 1);
    return;
  }
  if (!isObject(schema)) return;
  if (mark in schema) found.push(marked(schema, path));
  for (const [keyword, value] of Object.entries(schema)) {
    // What stands there is data, whatever it looks like.
    if (['const', 'enum', 'default', 'examples', mark].includes(keyword)) continue;
    if (!isObject(value) || !isMapOfSchemas(keyword)) {
      lookThrough(value, undefined, found, depth + 1);
      continue;
    }
    for (const [name, each] of Object.entries(value)) {
      lookThrough(each, keyword === 'properties' && path ? [...path, name] : undefined, found, depth + 1);
    }
  }
}

/** Whether the members of that keyword's value are schemas, and their names not keywords (JSON Schema 2020-12). */
function isMapOfSchemas(keyword: string): boolean {
  return ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'].includes(keyword);
}

function marked(schema: Record<string, unknown>, path: readonly string[] | undefined): Mirrored {
  const { [mark]: name, type } = schema;
  if (!path || path.length === 0) {
    throw new InvalidMarkError('a header is wanted of what is no plain property');
  }
  if (typeof name !== 'string' || !token.test(name)) {
    throw new InvalidMarkError('a header has a name that none can have');
  }
  if (!mirrorable.has(type)) {
    throw new InvalidMarkError('a header is wanted of what is no string, integer or boolean');
  }
  return { path, header: `mcp-param-${name.toLowerCase()}` };
}

/** The headers that repeat those arguments; what a call does not give has none. */
export function headersOf(mirrored: readonly Mirrored[], input: unknown): OutgoingHttpHeaders {
  return Object.fromEntries(
    mirrored.flatMap(({ path, header }) => {
      const text = textOf(path.reduce<unknown>(memberOf, input));
      return text === undefined ? [] : [[header, headerValue(text)]];
    }),
  );
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value);
  return undefined;
}
