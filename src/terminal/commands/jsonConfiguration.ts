import { isDeepStrictEqual } from 'node:util';
import {
  createScanner,
  findNodeAtLocation,
  parse,
  parseTree,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import {
  eolOf,
  isOurEntry,
  serverName,
  unexpected,
  unreadable,
  type ConfigurationRequest,
} from './clientConfiguration.ts';

type Servers = Record<string, unknown>;

const options = { allowTrailingComma: true, allowEmptyContent: true };

/** Adds our server to JSON, with comments and trailing commas where a client allows them. @throws AuthError */
export function withJsonServer({ key, text, path, server }: ConfigurationRequest): string {
  const root = readTree(text, path);
  if (!root) {
    const fresh = JSON.stringify({ [key]: { [serverName]: server } }, null, 2);
    const comments = text.trimEnd();
    return `${comments}${comments && eolOf(text)}${fresh}\n`.replaceAll(/\r?\n/g, eolOf(text));
  }
  const servers = findNodeAtLocation(root, [key]);
  if (root.type !== 'object' || (servers && servers.type !== 'object')) throw unexpected(path, key);
  const current = parse(text, undefined, options) as Record<string, Servers | undefined>;
  if (isOurEntry(current[key]?.[serverName], server)) return text;

  const value = inline(server);
  const entry = `"${serverName}": ${value}`;
  const own = servers && findNodeAtLocation(servers, [serverName]);
  let changed: string;
  if (own) changed = text.slice(0, own.offset) + value + text.slice(own.offset + own.length);
  else if (servers) changed = withProperty(text, servers, 2, entry);
  else changed = withProperty(text, root, 1, `"${key}": { ${entry} }`);

  // A key that stands twice, say, makes a change in one place mean nothing.
  const wanted = { ...current, [key]: { ...current[key], [serverName]: server } };
  if (!isDeepStrictEqual(parse(changed, undefined, options), wanted)) throw unexpected(path, key);
  return changed;
}

/** The servers that stand in JSON, by name. @throws AuthError */
export function jsonServers(text: string, key: string, path: string): unknown {
  readTree(text, path);
  return (parse(text, undefined, options) as Servers | undefined)?.[key];
}

/** Undefined where there is nothing but white space and comments. */
function readTree(text: string, path: string): Node | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, options);
  const [error] = errors;
  if (!error) return root;
  const before = text.slice(0, error.offset).split('\n');
  throw unreadable(path, 'JSON', before.length, (before.at(-1)?.length ?? 0) + 1);
}

/** Adds a property at the end of an object, in the layout the object has. */
function withProperty(text: string, object: Node, depth: number, property: string): string {
  const last = object.children?.at(-1);
  const start = last ? last.offset + last.length : object.offset + 1;
  const end = object.offset + object.length - 1;
  // From the last property, or the brace that opens, to the brace that closes: comments, and maybe a comma.
  const tail = text.slice(start, end);
  const kept = tail.trimEnd();
  const hasComma = containsComma(tail);
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

function containsComma(text: string): boolean {
  const scanner = createScanner(text, true);
  while (scanner.getPosition() < text.length) {
    scanner.scan();
    if (text[scanner.getTokenOffset()] === ',') return true;
  }
  return false;
}

function inline({ command, args }: ConfigurationRequest['server']): string {
  const list = args.map(arg => JSON.stringify(arg)).join(', ');
  return `{ "command": ${JSON.stringify(command)}, "args": [${list}] }`;
}
