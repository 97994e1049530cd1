import { forThat, isError, noServer } from './answersOf.ts';
import type { Call } from './call.ts';
import type { Answer } from './decoding.ts';
import { answers, hasMethod, withId, type Message } from '../../mcp/message.ts';
import { isFinal, isFruitless, pause, readOn, type Position, type ReadOptions } from './position.ts';

/** How a stream is opened again, and what hears of it. */
export interface CallStreamOptions extends Pick<ReadOptions, 'intake' | 'limits' | 'onNonsense'> {
  /** Opens the stream again, where it was read to. @throws Error where the server does not */
  open(position: Position, call: Call): Promise<Answer>;
  onMessage(message: Message, call: Call): void;
  onLost(call: Call, why: unknown): void;
  /** Aborted when nothing is read on any more. */
  readonly stop: AbortSignal;
}

interface Hooks {
  /** The answer is there. */
  readonly onAnswer?: () => void;
  /** The stream is one of the HTTP+SSE transport. */
  readonly onEndpoint?: () => void;
  /** Whether nobody waits for more of it. */
  readonly isOver?: () => boolean;
}

/** How long (ms) the server may be away before the answer on a broken stream counts as lost. */
const resumptionLimit = 30_000;

/** Reads the stream of a call until its answer is there, on where it stopped when it breaks. Never rejects. */
export async function followCall(
  first: Answer,
  call: Call,
  options: CallStreamOptions,
  hooks: Hooks = {},
): Promise<void> {
  const { intake, limits, onNonsense, stop } = options;
  const position: Position = { fruitless: 0 };
  let answered = false;
  let stray: Message | undefined;
  const onMessage = (message: Message) => {
    const its = forThat(message, call);
    if (answers(its.content) === call.id) {
      answered = true;
      hooks.onAnswer?.();
    } else {
      if (hasMethod(its.content)) call.begun = true;
      if (isError(its)) stray = its;
    }
    options.onMessage(its, call);
  };
  let response: Answer | undefined = first;
  let lastHeard = Date.now();
  let why: unknown;
  for (let tries = 0; ; tries++) {
    if (response) {
      why = await readOn(response, position, { intake, limits, onNonsense, onMessage, ...hooks });
      lastHeard = Date.now();
      tries = 0;
    }
    if (answered || call.ended.aborted || hooks.isOver?.()) return;
    const canGoOn = position.lastEventId !== undefined && !stop.aborted && !isFinal(why);
    if (!canGoOn || isFruitless(position) || Date.now() - lastHeard > resumptionLimit) break;
    call.begun = true;
    await pause(position, tries, call.ended);
    response = await options.open(position, call).catch((error: unknown) => {
      why = error;
      return undefined;
    });
  }
  if (stray) options.onMessage(withId(stray, call.id), call);
  else options.onLost(call, why);
}

/** Reads a stream that answers `initialize`. @throws NotStreamableError where it is one of the HTTP+SSE transport */
export function followInitialize(response: Answer, call: Call, options: CallStreamOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let isOver = false;
  void followCall(response, call, options, {
    onAnswer: () => {
      resolve(undefined);
    },
    onEndpoint: () => {
      isOver = true;
      reject(noServer());
      response.destroy();
    },
    isOver: () => isOver,
  }).then(() => {
    resolve(undefined);
  });
  return promise;
}
