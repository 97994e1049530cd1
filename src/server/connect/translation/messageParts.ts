import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { RpcError } from '../answer.ts';
import { memberOf, membersOf, spliced, type Span } from '../jsonText.ts';
import { isObject, textOfId, toMessage, type Message } from '../message.ts';

/** A JSON value, and the text that it came as: written again, a number above 2^53 would be another one. */
export interface Json {
  readonly text: string;
  readonly value: unknown;
}

/** A value of our own. */
export function json(value: unknown): Json {
  return { value, text: JSON.stringify(value) };
}

/** An id of a request, which may be one of `BigInt`. */
export function jsonId(id: RequestId): Json {
  return { value: id, text: textOfId(id) };
}

/** An object of those values; what is undefined is left out. */
export function jsonObject(members: Readonly<Record<string, Json | undefined>>): Json {
  const given = Object.entries(members).flatMap(([name, json]) => (json ? [[name, json] as const] : []));
  return {
    value: Object.fromEntries(given.map(([name, { value }]) => [name, value])),
    text: `{${given.map(([name, { text }]) => `${JSON.stringify(name)}:${text}`).join()}}`,
  };
}

/** A message of those members. */
export function messageOf(members: Readonly<Record<string, Json | undefined>>): Message {
  const { value, text } = jsonObject({ jsonrpc: json('2.0'), ...members });
  return { text, content: value as JSONRPCMessage };
}

/** An answer with an error. */
export function errorAnswer(id: RequestId, error: RpcError): Message {
  return toMessage({ jsonrpc: '2.0', id, error });
}

/** An answer with a result. */
export function resultAnswer(id: RequestId, result: Json): Message {
  return messageOf({ id: jsonId(id), result });
}

/** A value within a message; undefined where there is none. */
export function partOf(message: Message, ...path: readonly string[]): Json | undefined {
  let value: unknown = message.content;
  let span: Span = { start: 0, end: 0 };
  const { text } = message;
  for (const name of path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
    const member = memberOf(text, name, span.start);
    if (!member) return undefined;
    span = member;
  }
  return { value, text: text.slice(span.start, span.end) };
}

/** An object within a message, as JavaScript has it; empty where there is none. */
export function objectIn(value: unknown, ...path: readonly string[]): Readonly<Record<string, unknown>> {
  const found = path.reduce<unknown>(
    (within, name) => (isObject(within) && Object.hasOwn(within, name) ? within[name] : undefined),
    value,
  );
  return isObject(found) ? found : {};
}

/**
 * The message with other members in the object at that path, which is made where it is missing; undefined removes one.
 * All else stays as it came.
 */
export function withMembers(
  message: Message,
  path: readonly string[],
  members: Readonly<Record<string, Json | undefined>>,
): Message {
  const [name, ...rest] = path;
  if (name === undefined) return replaced(message, members);
  const given = partOf(message, name);
  const inner = given && isObject(given.value) ? given : json({});
  const { text, content } = withMembers(
    { text: inner.text, content: inner.value as JSONRPCMessage },
    rest,
    members,
  );
  return replaced(message, { [name]: { text, value: content } });
}

function replaced(message: Message, members: Readonly<Record<string, Json | undefined>>): Message {
  const changes = new Map(Object.entries(members));
  const content = Object.fromEntries(
    [
      ...Object.entries(message.content).filter(([name]) => !changes.has(name)),
      ...[...changes].map(([name, by]) => [name, by?.value]),
    ].filter(([, value]) => value !== undefined),
  ) as JSONRPCMessage;
  return { content, text: replacedText(message.text, changes) };
}

function replacedText(text: string, changes: ReadonlyMap<string, Json | undefined>): string {
  const found = membersOf(text);
  const isThere = (name: string) => found.some(member => member.name === name);
  // What stands around a value that only becomes another is left alone.
  if (
    new Set(found.map(({ name }) => name)).size === found.length &&
    [...changes].every(([name, by]) => by && isThere(name))
  )
    return found.reduceRight((changed, member) => {
      const by = changes.get(member.name ?? '');
      return by ? spliced(changed, member, by.text) : changed;
    }, text);
  const kept = found
    .filter(({ name }) => !changes.has(name ?? ''))
    .map(({ name, start, end }) => `${JSON.stringify(name)}:${text.slice(start, end)}`);
  const added = [...changes].flatMap(([name, by]) => (by ? [`${JSON.stringify(name)}:${by.text}`] : []));
  return `{${[...kept, ...added].join()}}`;
}
