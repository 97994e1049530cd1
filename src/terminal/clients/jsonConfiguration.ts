import { isDeepStrictEqual } from 'node:util';
import {
  createScanner,
  findNodeAtLocation,
  parse,
  parseTree,
  type JSONPath,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import { depthLimit, tooDeep, unexpected, unreadable } from './configurationErrors.ts';
import {
  entryBeside,
  eolOf,
  isAsWanted,
  serverName,
  type ConfigurationRequest,
  type RemovalRequest,
  type WantedEntry,
} from './serverEntry.ts';

type Servers = Record<string, unknown>;
type Configuration = Record<string, Servers | undefined>;

const options = { allowTrailingComma: true, allowEmptyContent: true };

/**
 * Adds our server to JSON, with comments and trailing commas where a client allows them.
 * @throws OmnispindleError `invalid_settings`
 */
export function withJsonServer(request: ConfigurationRequest): string {
  const { key, text, path } = request;
  const root = readTree(text, path);
  if (!root) {
    const { values } = entryBeside(undefined, request);
    const fresh = JSON.stringify({ [key]: { [serverName]: values } }, null, 2);
    const comments = text.trimEnd();
    return `${comments}${comments && eolOf(text)}${fresh}\n`.replaceAll(/\r?\n/g, eolOf(text));
  }
  const servers = findNodeAtLocation(root, [key]);
  if (root.type !== 'object' || (servers && servers.type !== 'object')) throw unexpected(path, key);
  const current = parse(text, undefined, options) as Configuration;
  const before = current[key]?.[serverName];
  const entry = entryBeside(before, request);
  if (isAsWanted(before, entry)) return text;

  const property = `"${serverName}": ${inline(entry.values)}`;
  const present = servers && findNodeAtLocation(servers, [serverName]);
  const wanted = entry.keep ? { ...(before as object), ...entry.values } : entry.values;
  let changed: string;
  if (present && entry.keep) changed = withValues(text, [key, serverName], entry);
  else if (present) changed = splice(text, present, inline(entry.values));
  else if (servers) changed = withProperty(text, servers, 2, property);
  else changed = withProperty(text, root, 1, `"${key}": { ${property} }`);
  return checked(changed, { ...current, [key]: { ...current[key], [serverName]: wanted } }, { path, key });
}

/** Takes the entry of our name out of JSON, with its comma; comments stay. @throws OmnispindleError */
export function withoutJsonServer({ key, text, path }: RemovalRequest): string {
  const root = readTree(text, path);
  const property = root && findNodeAtLocation(root, [key, serverName])?.parent;
  if (!property?.parent) return text;
  const { [serverName]: ours, ...others } = (parse(text, undefined, options) as Configuration)[key] ?? {};
  const wanted = { ...(parse(text, undefined, options) as Configuration), [key]: others };
  return checked(withoutProperty(text, property, property.parent), wanted, { path, key });
}

/** The servers that stand in JSON, by name. @throws OmnispindleError */
export function jsonServers(text: string, key: string, path: string): unknown {
  readTree(text, path);
  return (parse(text, undefined, options) as Servers | undefined)?.[key];
}

/**
 * A key that stands twice, for example, makes a change in one place mean nothing.
 * @throws OmnispindleError `invalid_settings` where it is not what is wanted
 */
function checked(
  changed: string,
  wanted: Configuration,
  { path, key }: { path: string; key: string },
): string {
  if (isDeepStrictEqual(parse(changed, undefined, options), wanted)) return changed;
  throw unexpected(path, key);
}

/**
 * Undefined where there is nothing but white space and comments.
 * @throws OmnispindleError `invalid_settings` where it is not JSON
 */
function readTree(text: string, path: string): Node | undefined {
  refuseDepth(text, path);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, options);
  const [error] = errors;
  if (!error) return root;
  const before = text.slice(0, error.offset).split('\n');
  throw unreadable(path, 'JSON', before.length, (before.at(-1)?.length ?? 0) + 1);
}

/**
 * The parser calls itself for each level, until the stack is full.
 * @throws OmnispindleError `invalid_settings` where it is nested too deep
 */
function refuseDepth(text: string, path: string): void {
  const scanner = createScanner(text, true);
  let depth = 0;
  while (scanner.getPosition() < text.length) {
    scanner.scan();
    const first = text[scanner.getTokenOffset()] ?? '';
    if ('{['.includes(first)) depth += first.length;
    if ('}]'.includes(first)) depth -= first.length;
    if (depth > depthLimit) throw tooDeep(path);
  }
}

function splice(text: string, { offset, length }: Pick<Node, 'offset' | 'length'>, by: string): string {
  return text.slice(0, offset) + by + text.slice(offset + length);
}

/** Changes those values of an entry, and nothing beside them. */
function withValues(text: string, place: JSONPath, { values }: WantedEntry): string {
  return Object.entries(values).reduce((changed, [name, value]) => {
    const entry = nodeAt(changed, place);
    const node = nodeAt(changed, [...place, name]);
    if (node) return splice(changed, node, inline(value));
    return entry ? withProperty(changed, entry, 3, `"${name}": ${inline(value)}`) : changed;
  }, text);
}

function nodeAt(text: string, place: JSONPath): Node | undefined {
  const root = parseTree(text, undefined, options);
  return root && findNodeAtLocation(root, place);
}

/** Adds a property at the end of an object, in the layout the object has. */
function withProperty(text: string, object: Node, depth: number, property: string): string {
  const last = object.children?.at(-1);
  const start = last ? last.offset + last.length : object.offset + 1;
  const end = object.offset + object.length - 1;
  // From the last property, or the brace that opens, to the brace that closes: comments, and maybe a comma.
  const tail = text.slice(start, end);
  const kept = tail.trimEnd();
  const hasComma = commaIn(tail) !== undefined;
  const isOneLine = last !== undefined && !text.slice(object.offset, end).includes('\n');
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';
  const line = (level: number) => (isOneLine ? ' ' : eolOf(text) + indent.repeat(level));
  const space = tail.slice(kept.length);
  return [
    text.slice(0, start),
    last && !hasComma ? ',' : '',
    kept,
    line(depth) + property,
    hasComma ? ',' : '',
    isOneLine || space.includes('\n') ? space : line(depth - 1),
    text.slice(end),
  ].join('');
}

/** Takes a property out of an object, with its comma and the white space on one side of it. */
function withoutProperty(text: string, property: Node, object: Node): string {
  const siblings = object.children ?? [];
  const index = siblings.indexOf(property);
  const [previous, next] = [siblings[index - 1], siblings[index + 1]];
  const end = property.offset + property.length;
  const after = commaIn(text.slice(end, next?.offset ?? object.offset + object.length - 1));
  const previousEnd = previous && previous.offset + previous.length;
  const before = previousEnd === undefined ? undefined : commaIn(text.slice(previousEnd, property.offset));

  const head = text.slice(0, property.offset);
  let [kept, rest] = [head, text.slice(end)];
  if (after !== undefined) rest = rest.slice(0, after) + rest.slice(after + 1);
  if (next) return kept + rest.trimStart();
  // A comment at the end of the line before must not swallow what follows.
  const endsLine = /^\s*\n/.test(rest) || !head.slice(head.trimEnd().length).includes('\n');
  if (endsLine) kept = head.trimEnd();
  if (after === undefined && before !== undefined && previousEnd !== undefined) {
    kept = splice(kept, { offset: previousEnd + before, length: 1 }, '');
  }
  return kept + rest;
}

/** Where the first comma is that stands in no comment. */
function commaIn(text: string): number | undefined {
  const scanner = createScanner(text, true);
  while (scanner.getPosition() < text.length) {
    scanner.scan();
    if (text[scanner.getTokenOffset()] === ',') return scanner.getTokenOffset();
  }
  return undefined;
}

/** On one line, with the spaces people write. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const properties = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${inline(one)}`);
  return `{ ${properties.join(', ')} }`;
}
