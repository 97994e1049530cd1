import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/server';

/** Requests of the bridge to a server that have no answer yet. */
export function createBridgeRequests() {
  const open = new Map<RequestId, PromiseWithResolvers<JSONRPCMessage>>();

  function take(id: RequestId | undefined) {
    const its = id === undefined ? undefined : open.get(id);
    if (id !== undefined) open.delete(id);
    return its;
  }

  return {
    /** Sends one. @returns its answer */
    async ask(id: RequestId, send: () => Promise<void>): Promise<JSONRPCMessage> {
      const answered = Promise.withResolvers<JSONRPCMessage>();
      answered.promise.catch(() => undefined);
      open.set(id, answered);
      try {
        await send();
        return await answered.promise;
      } finally {
        open.delete(id);
      }
    },
    /** @returns whether one of them is answered with that */
    answer(id: RequestId | undefined, content: JSONRPCMessage): boolean {
      const its = take(id);
      its?.resolve(content);
      return its !== undefined;
    },
    /** @returns whether it was one of them whose answer was lost */
    lose(id: RequestId, why: string): boolean {
      const its = take(id);
      its?.reject(new Error(why));
      return its !== undefined;
    },
  };
}
