import type { OutgoingHttpHeaders } from 'node:http';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { isObject } from '../../../common/isObject.ts';
import { protocolVersionOf } from '../eras/era.ts';

/** Methods whose `Mcp-Name` is required, and what it repeats. */
const named: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};
const plain = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;
const encoded = /^=\?base64\?.*\?=$/;

/**
 * What the headers of a request repeat of its body, for those who route it without reading that (MCP specification
 * 2026-07-28, "Request Metadata").
 */
export function requestHeaders(content: JSONRPCMessage): OutgoingHttpHeaders {
  if (!('method' in content)) return {};
  const { method, params } = content;
  const version = protocolVersionOf(content);
  const name: unknown = isObject(params) && method in named ? params[named[method] ?? ''] : undefined;
  return {
    ...(version !== undefined && { 'mcp-protocol-version': headerValue(version) }),
    'mcp-method': headerValue(method),
    ...(typeof name === 'string' && { 'mcp-name': headerValue(name) }),
  };
}

/**
 * A text as the value of a header: itself where that is safe, else in Base64 (MCP specification 2026-07-28, "Value
 * Encoding").
 * @example headerValue('Hello, 世界') // '=?base64?SGVsbG8sIOS4lueVjA==?='
 */
export function headerValue(text: string): string {
  if (plain.test(text) && !encoded.test(text)) return text;
  return `=?base64?${Buffer.from(text).toString('base64')}?=`;
}
