import type { RequestId, TransportSendOptions } from '@modelcontextprotocol/server';
import type { Outgoing, Waiting } from './authorizedRequest.ts';

/** A request that has no answer yet. */
export interface Call extends Pick<TransportSendOptions, 'onRequestStreamEnd'> {
  readonly id: RequestId;
  readonly method: string;
  readonly waiting?: Waiting;
  /** Nobody waits for this one: it must not lead to a sign-in. */
  readonly unattended?: boolean;
  /** Aborted when its answer is of no use any more. */
  readonly ended: AbortSignal;
  /** Whether the server may have begun with it. */
  sent: boolean;
  /** Whether something of its answer came already, so that the server has begun with it. */
  begun?: boolean;
}

/** How a message is sent on behalf of a call, which learns whether the server may have begun with it. */
export function forCall(
  call: Call | undefined,
): Pick<Outgoing, 'waiting' | 'unattended' | 'signal' | 'onSent'> {
  return {
    waiting: call?.waiting,
    unattended: call?.unattended,
    signal: call?.ended,
    onSent: sent => {
      if (call) call.sent = sent;
    },
  };
}
