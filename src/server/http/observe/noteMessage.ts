import { isObject } from '../../../common/isObject.ts';
import { noteRequest } from './record.ts';

/** The methods of both eras that a client may send. Anything else is `unknown`, so that nobody fills the metrics. */
const known = new Set([
  'completion/complete',
  'initialize',
  'logging/setLevel',
  'notifications/cancelled',
  'notifications/initialized',
  'notifications/progress',
  'notifications/roots/list_changed',
  'ping',
  'prompts/get',
  'prompts/list',
  'resources/list',
  'resources/read',
  'resources/subscribe',
  'resources/templates/list',
  'resources/unsubscribe',
  'server/discover',
  'subscriptions/listen',
  'tools/call',
  'tools/list',
]);

/**
 * Notes what a message asks for, by names that are known.
 * @param tools the names of all tools there are
 */
export function noteMessage(message: unknown, tools: ReadonlySet<string>): void {
  if (Array.isArray(message)) {
    noteRequest({ rpcMethod: 'batch' });
    return;
  }
  if (!isObject(message)) return;
  const { method, params } = message;
  // An answer, of a client that was asked something.
  if (typeof method !== 'string') return;
  const rpcMethod = known.has(method) ? method : 'unknown';
  if (rpcMethod !== 'tools/call') {
    noteRequest({ rpcMethod });
    return;
  }
  const name = isObject(params) ? params['name'] : undefined;
  noteRequest({ rpcMethod, tool: typeof name === 'string' && tools.has(name) ? name : 'unknown' });
}
