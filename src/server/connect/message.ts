import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/sdk/types.js';

/** A message as it came, and what it says. It is passed on as it came: what we do not know is not lost. */
export interface Message {
  /** One line. */
  readonly text: string;
  readonly content: JSONRPCMessage;
}

/**
 * Reads a JSON-RPC message, or the messages of a batch. Only what decides its way is looked at; both ends
 * check the rest.
 * @throws SyntaxError where the text is not JSON, or not an object
 */
export function parseMessages(text: string): Message[] {
  const parsed: unknown = JSON.parse(text);
  if (Array.isArray(parsed)) return parsed.map(part => toMessage(checked(part)));
  const content = checked(parsed);
  return [text.includes('\n') ? toMessage(content) : { text, content }];
}

function checked(content: unknown): JSONRPCMessage {
  if (typeof content === 'object' && content !== null) return content as JSONRPCMessage;
  throw new SyntaxError('A message is a JSON object.');
}

/** A message of our own making. */
export function toMessage(content: JSONRPCMessage): Message {
  return { text: JSON.stringify(content), content };
}

/** Whether the message wants an answer. */
export function isRequest(content: JSONRPCMessage): content is JSONRPCRequest {
  return 'method' in content && 'id' in content;
}

/** The request this message answers. */
export function answers(content: JSONRPCMessage): RequestId | undefined {
  return 'method' in content ? undefined : content.id;
}
