import { randomUUID } from 'node:crypto';
import type { RequestId } from '@modelcontextprotocol/server';
import { createMemoryOf } from '../../../mcp/clientMemory.ts';
import { isRequest, withId, type Message } from '../../../mcp/message.ts';

/** What a legacy client has said once, for a server that comes later. */
export function createToldBefore() {
  const { remember, messages } = createMemoryOf(({ content }: Message) => content);
  /** Requests that were answered before; their second answers are of no use. */
  const again = new Set<RequestId>();
  return {
    remember,
    /** Says it all again. @param isOpen whether a request waits for its first answer, and is said anyway */
    async tell(say: (message: Message) => unknown, isOpen: (id: RequestId) => boolean): Promise<void> {
      for (const message of messages()) {
        const { content } = message;
        if (!isRequest(content)) {
          await say(message);
        } else if (!isOpen(content.id)) {
          const id = randomUUID();
          again.add(id);
          await say(withId(message, id));
        }
      }
    },
    /** Whether that answers what was said again. */
    isSecondAnswer: (id: RequestId): boolean => again.delete(id),
  };
}
