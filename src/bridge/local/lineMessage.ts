import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/server';
import { isObject } from '../../common/isObject.ts';
import { isId } from '../../mcp/message.ts';
import { objectsIn, outline } from './outline.ts';

/** Longest message (bytes) that `run` passes on. */
export const longestLine = 256 * 1024 * 1024;
/** Longest message (bytes) that is read as a whole. */
export const longestRead = 1024 * 1024;
const byteOrderMark = Buffer.from('\ufeff');

/** A message as it came, and what decides its way. */
export interface LineMessage {
  /** One line, without its end. */
  readonly line: Buffer;
  /** Nobody has checked it yet. Of a message of more than 1 MB it is an outline. */
  readonly content: JSONRPCMessage;
  /** All of it. @throws SyntaxError where it is not JSON */
  whole(): JSONRPCMessage;
}

/**
 * Reads a JSON-RPC message, or the messages of a batch (MCP's revision of March 2025); nothing where the line is blank.
 * @throws SyntaxError where the line is not JSON, or not an object
 */
export function readLineMessages(line: Buffer): LineMessage[] {
  const bare = line.subarray(0, 3).equals(byteOrderMark) ? line.subarray(3) : line;
  const [first] = /\S/.exec(bare.toString('utf8', 0, 1_024)) ?? [];
  if (first === undefined && bare.toString().trim() === '') return [];
  return (first === '[' ? objectsIn(bare) : [bare]).map(toLineMessage);
}

/** A message of our own. */
export function lineMessage(message: object): LineMessage {
  const content = message as JSONRPCMessage;
  return { line: Buffer.from(JSON.stringify(message)), content, whole: () => content };
}

function toLineMessage(line: Buffer): LineMessage {
  const whole = () => JSON.parse(line.toString()) as JSONRPCMessage;
  const content = line.length > longestRead ? (JSON.parse(outline(line)) as unknown) : whole();
  if (!isObject(content)) throw new SyntaxError('A message is a JSON object.');
  return { line, content: content as JSONRPCMessage, whole };
}

/** Which request a `notifications/cancelled` means; undefined for any other message. */
export function cancelledBy(content: JSONRPCMessage): RequestId | undefined {
  if (!('method' in content) || content.method !== 'notifications/cancelled') return undefined;
  const id: unknown = content.params?.['requestId'];
  return isId(id) ? id : undefined;
}
