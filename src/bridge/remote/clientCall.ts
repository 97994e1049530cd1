import type { JSONRPCRequest } from '@modelcontextprotocol/server';
import { beforeTheServer, bridgeNotice, createWaitingProgress } from '../../mcp/waitingProgress.ts';
import type { Call } from './call.ts';
import { isId } from '../../mcp/message.ts';
import type { ClientTransport, Manner } from './transport.ts';

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
export function createClientCall(
  { id, method, params }: JSONRPCRequest,
  client: Pick<ClientTransport, 'send'>,
  { unattended, progressToken = params?._meta?.progressToken }: Manner = {},
): ClientCall {
  const stop = new AbortController();
  const ended = new AbortController();
  const progress = createWaitingProgress(
    {
      _meta: isId(progressToken) ? { progressToken } : {},
      sendNotification: notification => client.send({ jsonrpc: '2.0', ...notification }),
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
      keep: progress.keep,
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
