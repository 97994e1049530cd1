import { isDeepStrictEqual } from 'node:util';
import { parse, TomlError } from 'smol-toml';
import {
  eolOf,
  isOurEntry,
  serverName,
  unexpected,
  unreadable,
  type ConfigurationRequest,
} from './clientConfiguration.ts';

/** Adds our server to TOML as a table of its own. @throws AuthError */
export function withTomlServer({ key, text, path, server }: ConfigurationRequest): string {
  const current = read(text, path);
  const eol = eolOf(text);
  const table = [
    `[${key}.${serverName}]`,
    `command = ${JSON.stringify(server.command)}`,
    `args = [${server.args.map(arg => JSON.stringify(arg)).join(', ')}]`,
    '',
  ].join(eol);
  const ours = parse(table)[key] as Record<string, unknown>;
  const servers = current[key] as Record<string, unknown> | undefined;
  if (isOurEntry(servers?.[serverName], server)) return text;

  const changed = servers?.[serverName] === undefined ? append(text, table, eol) : replace(text, key, table);
  // Servers may be written in ways that a table cannot replace or add to, an inline table say.
  const wanted = { ...current, [key]: { ...servers, ...ours } };
  if (!isSame(changed, wanted)) throw unexpected(path, key);
  return changed;
}

/** The servers that stand in TOML, by name. @throws AuthError */
export function tomlServers(text: string, key: string, path: string): unknown {
  return read(text, path)[key];
}

function read(text: string, path: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TomlError) throw unreadable(path, 'TOML', error.line, error.column);
    throw error;
  }
}

function append(text: string, table: string, eol: string): string {
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
  return text + gap + table;
}

/** Puts the table in the place of ours and of those below it; comments before another table are that one's. */
function replace(text: string, key: string, table: string): string {
  const name = (word: string) => `\\s*(?:${word}|"${word}"|'${word}')\\s*`;
  const isOurs = new RegExp(`^\\s*\\[${name(key)}\\.${name(serverName)}[.\\]]`);
  let placed = false;
  return text
    .split(/^(?=[ \t]*\[)/m)
    .map(section => {
      if (!isOurs.test(section)) return section;
      const after = tailOf(section);
      const kept = placed ? after : table + after;
      placed = true;
      return kept;
    })
    .join('');
}

/** What follows the last line that says something. */
function tailOf(section: string): string {
  const lines = section.split(/(?<=\n)/);
  const last = lines.findLastIndex(line => !/^\s*(?:#.*)?\s*$/.test(line));
  return lines.slice(last + 1).join('');
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
