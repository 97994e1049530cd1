import * as l10n from '@vscode/l10n';
import { refuse } from './answers.ts';
import { countByAccount } from './countByAccount.ts';
import type { HttpStep } from './environment.ts';

/** How soon (s) to come again where too much is going on. */
const comeAgainAfter = 1;

/** The calls that are under way. */
export interface Concurrency {
  /** Refuses (503) what would be one too many. */
  readonly overall: HttpStep;
  /** Refuses (429) an account that has too many under way. */
  readonly perAccount: HttpStep;
  /** Resolves when none is under way. */
  idle(): Promise<void>;
}

/** How many requests may be under way. */
export interface ConcurrencyLimits {
  readonly overall: number;
  readonly perAccount: number;
}

/** Counts requests until their answer is whole, or nobody waits for it any more; a stream of news never is. */
export function limitConcurrency({ overall, perAccount }: ConcurrencyLimits): Concurrency {
  let underWay = 0;
  const beginCall = countByAccount(perAccount);
  let waiting: (() => void)[] = [];

  function end(): void {
    underWay--;
    if (underWay > 0) return;
    for (const told of waiting) told();
    waiting = [];
  }

  return {
    async overall(context, next) {
      if (underWay >= overall) {
        return refuse(503, l10n.t('This server has too much to do. Try again in a second.'), {
          headers: { 'retry-after': String(comeAgainAfter) },
        });
      }
      underWay++;
      await untilAnswered(context, next, end);
      return undefined;
    },
    async perAccount(context, next) {
      const endCall = beginCall(context.get('caller'));
      if (!endCall) {
        return refuse(
          429,
          l10n.t('{0} calls of yours are under way. Wait for one of them.', String(perAccount)),
          { headers: { 'retry-after': String(comeAgainAfter) } },
        );
      }
      await untilAnswered(context, next, () => {
        whenSent(context, endCall);
      });
      return undefined;
    },
    idle: () =>
      underWay === 0
        ? Promise.resolve()
        : new Promise(resolve => {
            waiting.push(resolve);
          }),
  };
}

/** Calls `end` when the answer has gone out, or nobody takes it: who does not read must not have any number of answers kept. */
function whenSent({ env }: Parameters<HttpStep>[0], end: () => void): void {
  const { outgoing } = env;
  if (outgoing?.closed === false) outgoing.once('close', end);
  else end();
}

/** Calls `end` once, when the answer is whole, has failed, or is not read any more. */
async function untilAnswered(
  context: Parameters<HttpStep>[0],
  next: Parameters<HttpStep>[1],
  end: () => void,
): Promise<void> {
  try {
    await next();
  } catch (error) {
    end();
    throw error;
  }
  const { body, headers } = context.res;
  const isStream = /^text\/event-stream\b/i.test(headers.get('content-type') ?? '');
  // What is not a stream of events is whole already.
  if (!body || !isStream || context.get('isListening')) {
    end();
    return;
  }
  context.res = new Response(endingWith(body, end), context.res);
}

/** The same stream, which says once that it is over. */
export function endingWith(body: ReadableStream<Uint8Array>, ended: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let isOver = false;

  function end(): void {
    if (isOver) return;
    isOver = true;
    ended();
  }

  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          controller.enqueue(value);
          return;
        }
        end();
        controller.close();
      } catch (error) {
        end();
        controller.error(error);
      }
    },
    cancel(reason) {
      end();
      return reader.cancel(reason);
    },
  });
}
