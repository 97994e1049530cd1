import type { JSONRPCRequest } from '@modelcontextprotocol/server';
import { beforeTheServer, bridgeNotice, waitingProgress } from '../../mcp/waitingProgress.ts';
import type { ClientEnd, Manner } from './clientEnd.ts';
import { isId, toMessage } from '../../mcp/message.ts';
import type { Call } from './remote.ts';

/** A request of the client that has no answer yet. */
export interface ClientCall extends Call {
  /** Stops waiting for what comes before the call: a sign-in, a server that starts. */
  stopWaiting(): void;
  /** Adds to an error what the call waited for, where nobody has told the client. */
  explain(error: string): string;
  /** Gives up its answer. */
  abandon(): void;
}

/** Follows a request of the client; the client is told what it waits for. */
export function clientCall(
  { id, method, params }: JSONRPCRequest,
  client: Pick<ClientEnd, 'send'>,
  { unattended, progressToken = params?._meta?.progressToken }: Manner = {},
): ClientCall {
  const stop = new AbortController();
  const ended = new AbortController();
  const progress = waitingProgress(
    {
      _meta: isId(progressToken) ? { progressToken } : {},
      sendNotification: notification => {
        client.send(toMessage({ jsonrpc: '2.0', ...notification }));
        return Promise.resolve();
      },
      signal: stop.signal,
    },
    { from: beforeTheServer },
  );
  return {
    id,
    method,
    waiting: {
      signal: progress.signal,
      onProgress: progress.tell,
      onNotice: bridgeNotice(progress.notice),
      stop: progress.stop,
    },
    ended: ended.signal,
    sent: false,
    ...(unattended !== undefined && { unattended }),
    stopWaiting: () => {
      stop.abort();
    },
    explain: progress.explain,
    abandon: () => {
      ended.abort();
    },
  };
}
