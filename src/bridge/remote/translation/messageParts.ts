import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/server';
import type { RpcError } from '../../../mcp/answer.ts';
import { memberOf, membersOf, spliced, type Span } from '../../../mcp/jsonText.ts';
import { isObject } from '../../../common/isObject.ts';
import { textOfId, toMessage, type Message } from '../../../mcp/message.ts';

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
  const { text, content } = message;
  const changed = withChanges({ text, value: content }, path, new Map(Object.entries(members)));
  return { text: changed.text, content: changed.value as JSONRPCMessage };
}

type Changes = ReadonlyMap<string, Json | undefined>;

/** @param object an object of JSON */
function withChanges(object: Json, [name, ...rest]: readonly string[], changes: Changes): Json {
  if (name === undefined) {
    return { value: changedValue(object.value, changes), text: changedText(object, changes) };
  }
  const given = memberIn(object, name);
  const inner = withChanges(given && isObject(given.value) ? given : json({}), rest, changes);
  const outer = new Map([[name, inner]]);
  if (!given) return withChanges(object, [], outer);
  return { value: changedValue(object.value, outer), text: spliced(object.text, given, inner.text) };
}

function memberIn({ text, value }: Json, name: string): (Json & Span) | undefined {
  if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
  const member = memberOf(text, name);
  return member && { ...member, value: value[name], text: text.slice(member.start, member.end) };
}

function changedValue(value: unknown, changes: Changes): unknown {
  return Object.fromEntries(
    [
      ...Object.entries(value as object).filter(([name]) => !changes.has(name)),
      ...[...changes].map(([name, by]) => [name, by?.value] as const),
    ].filter(([, value]) => value !== undefined),
  );
}

function changedText({ text, value }: Json, changes: Changes): string {
  const names = Object.keys(value as object);
  const added = [...changes].flatMap(([name, by]) => (by ? [`${JSON.stringify(name)}:${by.text}`] : []));
  // What is only added to must not be read: it may be long.
  if (!names.some(name => changes.has(name))) {
    if (added.length === 0) return text;
    const end = text.lastIndexOf('}');
    return spliced(text, { start: end, end }, `${names.length > 0 ? ',' : ''}${added.join()}`);
  }
  const kept = membersOf(text)
    .filter(({ name }) => !changes.has(name ?? ''))
    .map(({ name, start, end }) => `${JSON.stringify(name)}:${text.slice(start, end)}`);
  return `{${[...kept, ...added].join()}}`;
}
