import type { JSONRPCMessage } from '@modelcontextprotocol/server';

/** What the protocol's revisions define that runs nothing of the server's, or the same where it comes twice. */
const repeatable = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'subscriptions/listen',
  'completion/complete',
  'logging/setLevel',
  'tasks/get',
  'tasks/list',
  'tasks/result',
  'tasks/cancel',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
]);

/**
 * Whether a message may be sent again where nobody knows whether the server got it (RFC 9110 section 9.2.2): a call of a
 * tool may not, nor what is not known here. Of two answers to one question of the server's the second has no effect.
 */
export function isRepeatable(content: JSONRPCMessage): boolean {
  return !('method' in content) || repeatable.has(content.method);
}
