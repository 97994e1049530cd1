import type { RequestId, TransportSendOptions } from '@modelcontextprotocol/server';
import { quietMethods } from '../quietMethods.ts';
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

/** For whom something is sent: who waits for it, and whether they may be asked. */
export function needOf(call: Call | undefined): Pick<Outgoing, 'waiting' | 'unattended' | 'isQuiet'> {
  const isQuiet = !call || quietMethods.has(call.method) || call.method.startsWith('notifications/');
  return { waiting: call?.waiting, unattended: call?.unattended, isQuiet };
}

/** How a message is sent on behalf of a call, which learns whether the server may have begun with it. */
export function forCall(
  call: Call | undefined,
): Pick<Outgoing, 'waiting' | 'unattended' | 'isQuiet' | 'signal' | 'onSent'> {
  return {
    ...needOf(call),
    signal: call?.ended,
    onSent: sent => {
      if (call) call.sent = sent;
    },
  };
}
