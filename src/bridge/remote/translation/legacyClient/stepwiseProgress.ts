import { isId, type Message } from '../../../../mcp/message.ts';
import { json, objectIn, withMembers } from '../messageParts.ts';

/**
 * The progress of a call that takes several requests: each of them counts from its own beginning, and what a client
 * hears must never go back (MCP specification, "Progress").
 */
export function createStepwiseProgress() {
  const counts = new Map<unknown, { base: number; last: number }>();
  return {
    /** The next request under that token begins. */
    step(token: unknown): void {
      if (!isId(token)) return;
      const last = counts.get(token)?.last ?? 0;
      counts.set(token, { base: last, last });
    },
    /** News of ours about the call that has that token. @returns its number, which what the server says next exceeds */
    next(token: unknown): number {
      const count = counts.get(token) ?? { base: 0, last: 0 };
      count.base = ++count.last;
      counts.set(token, count);
      return count.last;
    },
    /** Its call is over. */
    forget(token: unknown): void {
      counts.delete(token);
    },
    /** A `notifications/progress` as the client is to hear it. */
    counted(message: Message): Message {
      const { progressToken, progress, total } = objectIn(message.content, 'params');
      const count = counts.get(progressToken);
      if (!count || typeof progress !== 'number') return message;
      count.last = Math.max(count.last, count.base + progress);
      if (count.base === 0) return message;
      return withMembers(message, ['params'], {
        progress: json(count.base + progress),
        ...(typeof total === 'number' && { total: json(count.base + total) }),
      });
    },
  };
}
