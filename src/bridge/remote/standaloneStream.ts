import { setTimeout as delay } from 'node:timers/promises';
import type { RequestId } from '@modelcontextprotocol/server';
import type { Log } from '../../common/log.ts';
import type { Call } from './call.ts';
import type { Answer } from './decoding.ts';
import { answers, type Message } from '../../mcp/message.ts';
import {
  isFinal,
  isFruitless,
  longestPause,
  pause,
  readOn,
  type Position,
  type ReadOptions,
} from './position.ts';
import { RemoteError } from './refusal.ts';
import { isSessionUnknown } from './sessionGone.ts';

/** How the stream is opened, and what hears of it. */
export interface StandaloneStreamOptions extends ReadOptions {
  readonly log: Log;
  /** Opens the stream, where it was read to. @throws Error where the server does not */
  open(position: Position): Promise<Answer>;
  onLost(call: Call): void;
  /** The server does not know the session any more. */
  onSessionLost(): void;
  /** Aborted when nothing is read on any more. */
  readonly stop: AbortSignal;
}

/** How long (ms) the stream may take to stand; not every server has one. */
const openLimit = 2_000;

/**
 * The stream by which a server says what belongs to no call (MCP specification, "Listening for Messages from the
 * Server"), for as long as the session lasts.
 */
export function createStandaloneStream(options: StandaloneStreamOptions) {
  const { intake, limits, onNonsense, log, open, stop } = options;
  const position: Position = { fruitless: 0 };
  /** Calls whose answer can come by this stream only. */
  const awaited = new Map<RequestId, Call>();
  let stands = false;
  /** The stream waits for the next request, which brings a token that counts. */
  let isPaused = false;

  /** Reads the stream for as long as the session lasts. @param onTried told when it stands or cannot */
  async function read(onTried: () => void): Promise<void> {
    isPaused = false;
    let stood = false;
    for (let tries = 0; !stop.aborted; tries++) {
      try {
        const response = await open(position);
        stood = stands = true;
        onTried();
        const began = Date.now();
        const failure = await readOn(response, position, { intake, limits, onNonsense, onMessage });
        if (failure) throw failure;
        if (isFruitless(position)) throw new Error('It ends again and again without an event.');
        if (position.lastEventId === undefined) loseAwaited();
        // A server that ends the stream as soon as it stands is not asked again at once.
        if (Date.now() - began > longestPause) tries = 0;
      } catch (error) {
        onTried();
        loseAwaited();
        if (stop.aborted) return;
        log.debug(`The server's own stream: ${String(error)}`);
        if (stood && isSessionUnknown(error)) {
          options.onSessionLost();
          return;
        }
        if (isFinal(error)) {
          isPaused = error instanceof RemoteError && error.status === 401;
          return;
        }
      }
      await pause(position, tries, stop);
    }
  }

  function onMessage(message: Message): void {
    const id = answers(message.content);
    if (id !== undefined) awaited.delete(id);
    options.onMessage(message);
  }

  function loseAwaited(): void {
    stands = false;
    const lost = [...awaited.values()];
    awaited.clear();
    lost.forEach(options.onLost);
  }

  return {
    /** Begins to listen. What the server asks before the stream stands would be lost: resolves when it does. */
    async begin(): Promise<void> {
      const { promise: tried, resolve } = Promise.withResolvers<undefined>();
      void read(() => {
        resolve(undefined);
      });
      await Promise.race([tried, delay(openLimit, undefined, { ref: false })]);
    },
    isPaused: (): boolean => isPaused,
    /** The call was taken, and its answer comes by no stream of its own. */
    awaitAnswer(call: Call): void {
      awaited.set(call.id, call);
      if (!stands) loseAwaited();
    },
  };
}
