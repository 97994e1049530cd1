import { isDeepStrictEqual } from 'node:util';
import { parse, TomlError } from 'smol-toml';
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

/** Lines that a value of our own table may have. */
const longestValue = 100;

/**
 * Adds our server to TOML as a table of its own.
 * @throws OmnispindleError `invalid_settings`
 */
export function withTomlServer(request: ConfigurationRequest): string {
  const { key, text, path } = request;
  const current = read(text, path);
  const eol = eolOf(text);
  const servers = current[key] as Record<string, unknown> | undefined;
  const before = servers?.[serverName];
  const entry = entryBeside(before, request);
  if (isAsWanted(before, entry)) return text;

  const lines = Object.entries(entry.values).map(([name, value]) => `${name} = ${inline(value)}`);
  const table = [`[${key}.${serverName}]`, ...lines, ''].join(eol);
  let changed: string;
  if (before === undefined) changed = append(text, table, eol);
  else if (entry.keep) changed = withValues(text, key, entry);
  else changed = replace(text, key, table);
  // Some ways of writing servers, for example an inline table, no table can replace or add to.
  const wanted = entry.keep ? { ...(before as object), ...entry.values } : entry.values;
  if (!isSame(changed, { ...current, [key]: { ...servers, [serverName]: wanted } })) {
    throw unexpected(path, key);
  }
  return changed;
}

/**
 * Takes our table, and those below it, out of TOML.
 * @throws OmnispindleError `invalid_settings`
 */
export function withoutTomlServer({ key, text, path }: RemovalRequest): string {
  const current = read(text, path);
  const servers = current[key] as Record<string, unknown> | undefined;
  if (servers?.[serverName] === undefined) return text;
  const { [serverName]: ours, ...others } = servers;
  const left = replace(text, key, '');
  // The blank line that set our table off from what stands before it.
  const eol = eolOf(text);
  const changed = left.endsWith(eol + eol) && text.startsWith(left) ? left.slice(0, -eol.length) : left;
  const { [key]: all, ...rest } = current;
  const isEmpty = Object.keys(others).length === 0;
  const isRight = isSame(changed, { ...rest, [key]: others }) || (isEmpty && isSame(changed, rest));
  if (!isRight) throw unexpected(path, key);
  return changed;
}

/** The servers that stand in TOML, by name. @throws OmnispindleError */
export function tomlServers(text: string, key: string, path: string): unknown {
  return read(text, path)[key];
}

function read(text: string, path: string): Record<string, unknown> {
  try {
    const content = parse(text);
    refuseDepth(content, path);
    return content;
  } catch (error) {
    if (error instanceof TomlError) throw unreadable(path, 'TOML', error.line, error.column);
    throw error;
  }
}

/**
 * Dotted keys nest without end, and what compares calls itself for each level.
 * @throws OmnispindleError `invalid_settings` where it is nested too deep
 */
function refuseDepth(content: object, path: string): void {
  let level: object[] = [content];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > depthLimit) throw tooDeep(path);
    level = level.flatMap(value =>
      Object.values(value).filter((inner: unknown) => typeof inner === 'object' && inner !== null),
    );
  }
}

function append(text: string, table: string, eol: string): string {
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
  return text + gap + table;
}

/** Puts the table in the place of ours and of those below it; comments before another table are that one's. */
function replace(text: string, key: string, table: string): string {
  let placed = false;
  return mapTables(text, key, section => {
    const after = tailOf(section);
    const kept = placed ? after : table + after;
    placed = true;
    return kept;
  });
}

/** Changes those values in our table, and nothing beside them. */
function withValues(text: string, key: string, { values }: WantedEntry): string {
  let isFirst = true;
  return mapTables(text, key, section => {
    // Below it are its tables, for example the environment.
    if (!isFirst) return section;
    isFirst = false;
    return Object.entries(values).reduce(
      (changed, [name, value]) => withValue(changed, name, value),
      section,
    );
  });
}

/** Changes a value, which may go over several lines; or adds it at the beginning of the table. */
function withValue(section: string, name: string, value: unknown): string {
  const lines = section.split(/(?<=\n)/);
  const line = `${name} = ${inline(value)}`;
  const first = lines.findIndex(one => new RegExp(`^[ \\t]*["']?${name}["']?[ \\t]*=`).test(one));
  if (first < 0) return [lines[0], line, eolOf(section), ...lines.slice(1)].join('');
  for (let count = 1; count <= longestValue; count += 1) {
    const said = lines.slice(first, first + count).join('');
    if (!isToml(said)) continue;
    const end = /\r?\n$/.exec(said)?.[0] ?? '';
    return [...lines.slice(0, first), `${line}${end}`, ...lines.slice(first + count)].join('');
  }
  return section;
}

/** Does something to our table, and to those below it. */
function mapTables(text: string, key: string, change: (section: string) => string): string {
  const name = (word: string) => `[ \\t]*(?:${word}|"${word}"|'${word}')[ \\t]*`;
  const isOurs = new RegExp(`^[ \\t]*\\[${name(key)}\\.${name(serverName)}[.\\]]`);
  return text
    .split(/^(?=[ \t]*\[)/m)
    .map(section => (isOurs.test(section) ? change(section) : section))
    .join('');
}

/** What follows the last line that says something. */
function tailOf(section: string): string {
  const lines = section.split(/(?<=\n)/);
  const last = lines.findLastIndex(line => !/^(?:#|$)/.test(line.trim()));
  return lines.slice(last + 1).join('');
}

/** On one line; what we write has no more types than these. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([name, one]) => `${name} = ${inline(one)}`);
  return `{ ${pairs.join(', ')} }`;
}

function isToml(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

function isSame(text: string, wanted: Record<string, unknown>): boolean {
  try {
    return isDeepStrictEqual(plain(parse(text)), plain(wanted));
  } catch {
    return false;
  }
}

/** The parser's objects have no prototype, which counts in a comparison. */
function plain(value: unknown): unknown {
  return structuredClone(value);
}
