import type {
  JSONRPCMessage,
  JSONRPCRequest,
  JSONRPCResultResponse,
  RequestId,
} from '@modelcontextprotocol/server';
import { memberOf, membersOf, spliced, type Span } from './jsonText.ts';
import { isObject } from '../common/isObject.ts';

/** A message as it came, and what it says. It is passed on as it came: what we do not know is not lost. */
export interface Message {
  /** One line. @throws RangeError where it is of our own making and has no end to its nesting */
  readonly text: string;
  /** Nobody has checked it yet: the functions here look at what they need. */
  readonly content: JSONRPCMessage;
}

/** That a text is JSON, but not a message. */
export class NoMessageError extends SyntaxError {
  override readonly name = 'NoMessageError';

  constructor() {
    super('A message is a JSON object.');
  }
}

/**
 * Reads a JSON-RPC message, or the messages of a batch, which revision 2025-06-18 of MCP removed. Only what decides
 * its way is looked at; both ends check the rest.
 * @param onOther hears of each part of a batch that is not a message; absent, it is left out
 * @throws SyntaxError where the text is not JSON
 * @throws NoMessageError where it is no object, or a batch of nothing
 */
export function parseMessages(text: string, onOther?: (error: NoMessageError) => void): Message[] {
  const bare = text.startsWith('\ufeff') ? text.slice(1) : text;
  const parsed: unknown = JSON.parse(bare);
  // A string in JSON has no line ends, so these stand between its parts.
  const line = /[\r\n]/.test(bare) ? bare.replaceAll(/[\r\n]+/g, ' ') : bare;
  if (!Array.isArray(parsed)) {
    if (!isMessage(parsed)) throw new NoMessageError();
    return [asItCame(line, parsed)];
  }
  if (parsed.length === 0 && onOther) throw new NoMessageError();
  return membersOf(line).flatMap(({ start, end }, at) => {
    const content: unknown = parsed[at];
    if (isMessage(content)) return [asItCame(line.slice(start, end), content)];
    onOther?.(new NoMessageError());
    return [];
  });
}

/** A message whose ids are exact: a number above 2^53 is one of `BigInt`, which the types do not say. */
function asItCame(text: string, content: JSONRPCMessage): Message {
  const id = 'id' in content ? exact(text, content.id, ['id']) : undefined;
  const requestId =
    'method' in content && content.method === 'notifications/cancelled'
      ? exact(text, content.params?.['requestId'], ['params', 'requestId'])
      : undefined;
  if (requestId !== undefined && 'params' in content) {
    return { text, content: { ...content, params: { ...content.params, requestId } } };
  }
  return { text, content: id === undefined ? content : ({ ...content, id } as unknown as JSONRPCMessage) };
}

/** The number there, where JavaScript's own cannot hold it. */
function exact(text: string, value: unknown, path: readonly string[]): bigint | undefined {
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return undefined;
  const { start, end } = path.reduce<Span>((within, name) => memberOf(text, name, within.start) ?? within, {
    start: 0,
    end: 0,
  });
  const digits = text.slice(start, end);
  return /^-?\d{1,400}$/.test(digits) ? BigInt(digits) : undefined;
}

function isMessage(content: unknown): content is JSONRPCMessage {
  return isObject(content);
}

/** A message of our own making. */
export function toMessage(content: JSONRPCMessage): Message {
  return {
    content,
    get text() {
      const id: unknown = 'id' in content ? content.id : undefined;
      if (typeof id !== 'bigint') return JSON.stringify(content);
      return textWithId(JSON.stringify({ ...content, id: 0 }), id);
    },
  };
}

/** The message under another id, and otherwise as it came. */
export function withId({ text, content }: Message, id: RequestId): Message {
  return { content: { ...content, id }, text: textWithId(text, id) };
}

/** An answer of those members, with its result as it came. */
export function withResultOf({ text }: Message, { jsonrpc, id, result }: JSONRPCResultResponse): Message {
  const { start, end } = memberOf(text, 'result') ?? { start: 0, end: 0 };
  const empty = JSON.stringify({ jsonrpc, id: 0, result: {} });
  const slot = memberOf(empty, 'result') ?? { start: 0, end: 0 };
  return {
    content: { jsonrpc, id, result },
    text: textWithId(spliced(empty, slot, text.slice(start, end)), id),
  };
}

function textWithId(text: string, id: RequestId | bigint): string {
  const written = textOfId(id);
  const found = memberOf(text, 'id');
  if (found) return spliced(text, found, written);
  const at = text.indexOf('{') + 1;
  return spliced(text, { start: at, end: at }, `"id":${written},`);
}

/** An id as JSON. */
export function textOfId(id: RequestId | bigint): string {
  return typeof id === 'bigint' ? String(id) : JSON.stringify(id);
}

/** Whether a value can be the id of a request (MCP specification, "Messages"). */
export function isId(id: unknown): id is RequestId {
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint';
}

/** Whether the message asks or tells something, that is, is no answer. */
export function hasMethod(content: JSONRPCMessage): content is Exclude<JSONRPCMessage, { result: unknown }> {
  return 'method' in content && typeof content.method === 'string';
}

/** Whether the message wants an answer. */
export function isRequest(content: JSONRPCMessage): content is JSONRPCRequest {
  return hasMethod(content) && 'id' in content && isId(content.id);
}

/** The request this message answers. */
export function answers(content: JSONRPCMessage): RequestId | undefined {
  return !hasMethod(content) && 'id' in content && isId(content.id) ? content.id : undefined;
}

/**
 * Which of those requests an answer is meant for, also where its id is not quite theirs: `1` and `"1"`, or none at
 * all, as the error of a server has that could not read its request.
 */
export function meantFor(content: JSONRPCMessage, ids: readonly RequestId[]): RequestId | undefined {
  if (hasMethod(content) || !('result' in content || 'error' in content)) return undefined;
  const id: unknown = content.id;
  if (isId(id)) return ids.find(each => each === id) ?? ids.find(each => String(each) === String(id));
  return ids.length === 1 ? ids[0] : undefined;
}
