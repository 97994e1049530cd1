import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { isObject } from '../../../common/isObject.ts';
import { metaKeys } from '../../../mcp/names.ts';

/** Revisions of MCP that begin with `initialize` (up to 2025-11-25), and those whose requests say it all (2026-07-28). */
export type Era = 'legacy' | 'modern';

/** The revision that we speak by ourselves with a modern server. */
export const newestVersion = '2026-07-28';

/** The revision that a message says it is of, as the modern ones do in `_meta`. */
export function protocolVersionOf(content: JSONRPCMessage): string | undefined {
  const params: unknown = 'params' in content ? content.params : undefined;
  const meta = isObject(params) ? params['_meta'] : undefined;
  const version = isObject(meta) ? meta[metaKeys.version] : undefined;
  return typeof version === 'string' ? version : undefined;
}

/** The era that a request shows its client to be of; undefined where clients of either would say that. */
export function eraOf(content: JSONRPCMessage): Era | undefined {
  if (!('method' in content)) return undefined;
  if (content.method === 'initialize') return 'legacy';
  return content.method === 'server/discover' || protocolVersionOf(content) !== undefined
    ? 'modern'
    : undefined;
}

/** Whether a revision is one of the modern era. */
export function isModernVersion(version: unknown): boolean {
  return typeof version === 'string' && version >= newestVersion;
}
