import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isNode, isScalar, parseDocument, YAMLMap, type Pair } from 'yaml';
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
type Configuration = Record<string, Servers | null | undefined>;

/** A piece of the text, and what takes its place. */
interface Change {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

/**
 * Adds our server to YAML; comments and layout stay.
 * @throws OmnispindleError `invalid_settings`
 */
export function withYamlServer(request: ConfigurationRequest): string {
  const { key, text, path } = request;
  const { document, content } = read(text, path, key);
  const before = content[key]?.[serverName];
  const entry = entryBeside(before, request);
  if (isAsWanted(before, entry)) return text;
  const wanted = entry.keep ? { ...(before as object), ...entry.values } : entry.values;

  const servers = pairIn(document.contents, key);
  const ours = pairIn(servers?.value, serverName);
  const map = new YAMLMap();
  map.set(serverName, entryNode(document, ours?.value, entry));
  const lines = new Document(map)
    .toString({ lineWidth: 0, flowCollectionPadding: false })
    .trimEnd()
    .split('\n');
  const flow = `${serverName}: ${JSON.stringify(wanted)}`;
  const all = isMap(servers?.value) ? servers.value : undefined;
  const first = all?.items[0];
  let changes: Change[];
  if (!servers && isMap(document.contents) && document.contents.flow && document.contents.items.length > 0) {
    throw unexpected(path, key);
  } else if (!servers) {
    changes = [...emptied(document.contents), atEnd(text, [`${key}:`, ...indented(lines, '  ')])];
  } else if (ours) {
    const block = indented(lines, indentOf(text, startOf(ours)))
      .join(eolOf(text))
      .trimStart();
    changes = [{ ...extentOf(ours), by: all?.flow ? flow : block }];
  } else if (all?.flow && first) {
    const end = endOf(all) - 1;
    changes = [{ start: end, end, by: `, ${flow} ` }];
  } else if (all && first) {
    const indent = indentOf(text, startOf(first));
    changes = [afterLine(text, extentOf(all.items.at(-1) ?? first).end, indented(lines, indent))];
  } else {
    const indent = `${indentOf(text, startOf(servers))}  `;
    changes = [...emptied(servers.value), afterLine(text, endOf(servers.value), indented(lines, indent))];
  }
  const changed = apply(text, changes);
  return checked(changed, { ...content, [key]: { ...content[key], [serverName]: wanted } }, { key, path });
}

/**
 * Takes the entry of our name out of YAML; comments stay.
 * @throws OmnispindleError `invalid_settings`
 */
export function withoutYamlServer({ key, text, path }: RemovalRequest): string {
  const { document, content } = read(text, path, key);
  const servers = pairIn(document.contents, key);
  const ours = pairIn(servers?.value, serverName);
  if (!servers || !ours || !isMap(servers.value)) return text;
  // Where it shares its lines with others, there is no telling what is whose.
  if (servers.value.flow) throw unexpected(path, key);
  const { [serverName]: removed, ...others } = content[key] ?? {};
  const { start, end } = extentOf(ours);
  const changes: Change[] = [{ start: lineStart(text, start), end: lineEnd(text, end), by: '' }];
  if (servers.value.items.length === 1) {
    // With nothing below it, its value would be no mapping any more.
    const colon = text.indexOf(':', endOf(servers.key)) + 1;
    changes.push({ start: colon, end: colon, by: ' {}' });
  }
  return checked(apply(text, changes), { ...content, [key]: others }, { key, path });
}

/** The servers that stand in YAML, by name. @throws OmnispindleError */
export function yamlServers(text: string, key: string, path: string): unknown {
  return read(text, path, key).content[key];
}

/**
 * The document, and what it says.
 * @throws OmnispindleError `invalid_settings` where it is not YAML, or not a mapping
 */
function read(
  text: string,
  path: string,
  key: string,
): { document: Document.Parsed; content: Configuration } {
  const { document, content } = parse(text, path);
  const [error] = document.errors;
  if (error) throw unreadable(path, 'YAML', error.linePos?.[0].line ?? 1, error.linePos?.[0].col ?? 1);
  const servers = isMapping(content) ? content[key] : undefined;
  if (!isMapping(content) || (servers != null && !isMapping(servers))) throw unexpected(path, key);
  return { document, content: content as Configuration };
}

/** @throws OmnispindleError `invalid_settings` where it is nested too deep, or refers to itself without end */
function parse(text: string, path: string): { document: Document.Parsed; content: unknown } {
  try {
    const document = parseDocument(text);
    const content: unknown = document.errors.length > 0 ? {} : (document.toJS() ?? {});
    if (depthOf(content) > depthLimit) throw tooDeep(path);
    return { document, content };
  } catch (error) {
    // The parser calls itself for each level, until the stack is full; or counts too many aliases.
    if (error instanceof RangeError || error instanceof ReferenceError) throw tooDeep(path);
    throw error;
  }
}

function depthOf(content: unknown): number {
  let level: unknown[] = [content];
  let depth = 0;
  for (; level.length > 0 && depth <= depthLimit; depth += 1) {
    level = level.flatMap((value): unknown[] => {
      return typeof value === 'object' && value !== null ? Object.values(value) : [];
    });
  }
  return depth;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws OmnispindleError `invalid_settings` where the text does not say what is wanted */
function checked(
  changed: string,
  wanted: Configuration,
  { key, path }: { key: string; path: string },
): string {
  const { document, content } = parse(changed, path);
  if (document.errors.length === 0 && isDeepStrictEqual(content, wanted)) return changed;
  throw unexpected(path, key);
}

/** The entry as it was with other values, or another one. */
function entryNode(document: Document, before: unknown, { keep, values }: WantedEntry): unknown {
  if (!keep || !isMap(before)) return document.createNode(values);
  const entry = before.clone() as YAMLMap;
  for (const [name, value] of Object.entries(values)) entry.set(name, document.createNode(value));
  return entry;
}

function pairIn(map: unknown, name: string): Pair | undefined {
  return isMap(map) ? map.items.find(({ key }) => (isScalar(key) ? key.value : key) === name) : undefined;
}

/** Takes away what says that there is nothing: `{}` or `null`. */
function emptied(value: unknown): Change[] {
  if (isMap(value) && value.items.length > 0) return [];
  return isNode(value) && value.range ? [{ start: value.range[0], end: value.range[1], by: '' }] : [];
}

const startOf = ({ key }: Pair) => (isNode(key) ? (key.range?.[0] ?? 0) : 0);
const endOf = (node: unknown) => (isNode(node) ? (node.range?.[1] ?? 0) : 0);

/** From a pair's key to the last of its value, without comments and lines after it. */
function extentOf(pair: Pair): { start: number; end: number } {
  const last = isMap(pair.value) && !pair.value.flow ? pair.value.items.at(-1) : undefined;
  if (last) return { start: startOf(pair), end: extentOf(last).end };
  return { start: startOf(pair), end: Math.max(endOf(pair.key), endOf(pair.value)) };
}

function apply(text: string, changes: readonly Change[]): string {
  return changes
    .toSorted((a, b) => b.start - a.start)
    .reduce((changed, { start, end, by }) => changed.slice(0, start) + by + changed.slice(end), text);
}

function afterLine(text: string, offset: number, lines: readonly string[]): Change {
  const end = lineEnd(text, offset);
  const eol = eolOf(text);
  const gap = end > 0 && text[end - 1] !== '\n' ? eol : '';
  return { start: end, end, by: gap + lines.join(eol) + eol };
}

function atEnd(text: string, lines: readonly string[]): Change {
  return afterLine(text, text.length, lines);
}

const lineStart = (text: string, offset: number) => text.lastIndexOf('\n', offset - 1) + 1;

/** Behind the end of the line; of a block of text, whose end is there already, that is it. */
function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

function indentOf(text: string, offset: number): string {
  return /^[ ]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? '';
}

function indented(lines: readonly string[], indent: string): string[] {
  return lines.map(line => (line === '' ? line : indent + line));
}
