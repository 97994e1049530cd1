import type { JSONRPCMessage, JSONRPCRequest } from '@modelcontextprotocol/server';
import type { Log } from '../../../common/log.ts';
import type { Answer } from '../decoding.ts';
import { isObject } from '../../../common/isObject.ts';
import { toMessage, type Message } from '../../../mcp/message.ts';
import { metaKeys } from '../../../mcp/names.ts';
import { isFinal, isFruitless, longestPause, pause, type Position } from '../position.ts';
import { RemoteError } from '../refusal.ts';
import type { Call } from '../call.ts';
import { post, readAnswer, type ExchangeOptions } from './exchange.ts';

/** The server whose subscriptions are kept open, and what hears of them. */
export interface ListeningOptions extends ExchangeOptions {
  readonly log: Log;
  onMessage(message: Message): void;
  /** The answer to that call will not come any more. */
  onLost(call: Call, why: unknown): void;
}

/** How often in a row a subscription whose stream broke is tried again: for some six minutes. */
const mostTries = 40;
const lists = ['tools', 'prompts', 'resources'] as const;

/**
 * Keeps subscriptions open (MCP specification 2026-07-28, "Subscriptions") when their streams break, as at each restart
 * of the server: a client on stdio cannot see that.
 */
export function createListening(options: ListeningOptions, stop: AbortSignal) {
  const { log, onMessage, onLost } = options;
  /** Those whose token was refused, until another request is taken: nobody is asked to sign in for them. */
  let wakers: (() => void)[] = [];

  /** Reads a subscription's stream, and the next one whenever it breaks, until it is answered. Never rejects. */
  async function follow(first: Answer, message: Message, call: Call): Promise<void> {
    const position: Position = { fruitless: 0 };
    const isOver = () => call.ended.aborted || stop.aborted;
    let response: Answer | undefined = first;
    let isAcknowledged = false;
    let why: unknown;
    for (let tries = 0; tries < mostTries; tries++) {
      if (response) {
        const began = Date.now();
        const { isAnswered, why: failure } = await readAnswer(
          options,
          response,
          call,
          each => {
            if (!isAcknowledged || !isAcknowledgement(each.content)) onMessage(each);
            else for (const change of changesIn(each.content, call)) onMessage(toMessage(change));
            isAcknowledged ||= isAcknowledgement(each.content);
          },
          position,
        ).catch((error: unknown) => ({ isAnswered: false, why: error }));
        if (isAnswered) return;
        why = failure;
        if (Date.now() - began > longestPause) tries = 0;
      }
      if (isOver() || isFruitless(position)) break;
      if (isRefusedToken(why)) await nextTaken(call);
      else if (isFinal(why)) break;
      else await pause(position, tries, call.ended);
      if (isOver()) break;
      response = await post(options, message, { ...call, unattended: true }).catch((error: unknown) => {
        why = error;
        return undefined;
      });
    }
    if (isOver()) return;
    log.debug(`A subscription has ended: ${String(why)}`);
    onLost(call, why);
  }

  function nextTaken({ ended }: Call): Promise<void> {
    return new Promise(resolve => {
      wakers.push(resolve);
      ended.addEventListener('abort', () => {
        resolve();
      });
    });
  }

  return {
    follow,
    /** The server has taken a token. */
    wake(): void {
      const all = wakers;
      wakers = [];
      for (const waker of all) waker();
    },
  };
}

function isRefusedToken(error: unknown): boolean {
  return error instanceof RemoteError && error.status === 401;
}

function isAcknowledgement(content: JSONRPCMessage): boolean {
  return 'method' in content && content.method === 'notifications/subscriptions/acknowledged';
}

/** All that a subscription is about: while its stream was broken, it may have changed. */
function changesIn(content: JSONRPCMessage, { id }: Call): JSONRPCMessage[] {
  const { params } = content as Pick<JSONRPCRequest, 'params'>;
  const filter: unknown = params?.['notifications'];
  if (!isObject(filter) || typeof id === 'bigint') return [];
  const { resourceSubscriptions: uris } = filter;
  const _meta = { [metaKeys.subscriptionId]: id };
  return [
    ...lists
      .filter(list => filter[`${list}ListChanged`] === true)
      .map(list => ({
        jsonrpc: '2.0' as const,
        method: `notifications/${list}/list_changed`,
        params: { _meta },
      })),
    ...(Array.isArray(uris) ? uris : [])
      .filter(uri => typeof uri === 'string')
      .map(uri => ({
        jsonrpc: '2.0' as const,
        method: 'notifications/resources/updated',
        params: { _meta, uri },
      })),
  ];
}
