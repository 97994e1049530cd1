import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/sdk/types.js';

/** A message as it came, and what it says. It is passed on as it came: what we do not know is not lost. */
export interface Message {
  /** One line. @throws RangeError where it was taken from a batch and has no end to its nesting */
  readonly text: string;
  /** Nobody has checked it yet: the functions here look at what they need. */
  readonly content: JSONRPCMessage;
}

/**
 * Reads a JSON-RPC message, or the messages of a batch; what is no object in it is left out. Only what decides its
 * way is looked at; both ends check the rest.
 * @throws SyntaxError where the text is not JSON, or not an object
 */
export function parseMessages(text: string): Message[] {
  const bare = text.startsWith('\ufeff') ? text.slice(1) : text;
  const parsed: unknown = JSON.parse(bare);
  if (Array.isArray(parsed)) return parsed.filter(isMessage).map(toMessage);
  if (!isMessage(parsed)) throw new SyntaxError('A message is a JSON object.');
  // A string in JSON has no line ends, so these stand between its parts.
  return [{ text: /[\r\n]/.test(bare) ? bare.replaceAll(/[\r\n]+/g, ' ') : bare, content: parsed }];
}

function isMessage(content: unknown): content is JSONRPCMessage {
  return isObject(content);
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A message of our own making. */
export function toMessage(content: JSONRPCMessage): Message {
  return {
    content,
    get text() {
      return JSON.stringify(content);
    },
  };
}

/** Whether a value can be the id of a request (MCP specification, "Messages"). */
export function isId(id: unknown): id is RequestId {
  return typeof id === 'string' || typeof id === 'number';
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
