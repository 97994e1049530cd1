import type { OutgoingHttpHeaders } from 'node:http';
import * as l10n from '@vscode/l10n';
import { forThat, isError, messagesIn, noServer } from '../answersOf.ts';
import { readBody } from '../body.ts';
import type { Answer } from '../decoding.ts';
import { isEventStream } from '../eventStream.ts';
import { answers, isRequest, withId, type Message } from '../../../mcp/message.ts';
import { readOn, type Position, type ReadOptions } from '../position.ts';
import { discard, isTaken, refusal } from '../refusal.ts';
import { forCall, type Call } from '../call.ts';
import type { RemoteOptions } from '../transport.ts';
import { isRepeatable } from '../repeatable.ts';
import { requestHeaders } from './requestHeaders.ts';

/** What one exchange with a server needs. */
export interface ExchangeOptions
  extends Pick<RemoteOptions, 'url' | 'request' | 'intake' | 'limits'>, Pick<ReadOptions, 'onNonsense'> {}

/**
 * Posts a message to a server that keeps no session (MCP specification 2026-07-28, "Streamable HTTP").
 * @throws RemoteError where the server refuses it
 */
export async function post(
  { url, request }: ExchangeOptions,
  { content, text }: Message,
  call: Call | undefined,
  headers: OutgoingHttpHeaders = {},
): Promise<Answer> {
  const response = await request(url, {
    method: 'POST',
    body: text,
    repeatable: isRepeatable(content),
    ...forCall(call),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...requestHeaders(content),
      ...headers,
    },
  });
  if (!isTaken(response)) throw await refusal(response);
  return response;
}

/** How the answer to a call was read. */
export interface Outcome {
  readonly isAnswered: boolean;
  /** What was wrong with its stream; undefined where that just ended. */
  readonly why?: unknown;
}

/**
 * Reads what a server answers a call with, up to the answer, which is a body or a stream.
 * @param _exchange what takes the messages, and hears of what is not a message
 * @param response the answer as it arrives
 * @param call the call that it answers
 * @param onMessage hears each message, the answer last
 * @param position notes how a stream went that is opened again and again
 */
export async function readAnswer(
  { intake, limits, onNonsense }: ExchangeOptions,
  response: Answer,
  call: Call,
  onMessage: (message: Message) => void,
  position: Position = { fruitless: 0 },
): Promise<Outcome> {
  let isAnswered = false;
  let stray: Message | undefined;
  const hear = (message: Message) => {
    const its = forThat(message, call);
    if (isRequest(its.content)) {
      onNonsense(new Error('it asks something within an answer, as no server of that revision may.'));
      return;
    }
    if (answers(its.content) === call.id) isAnswered = true;
    else if (isError(its)) stray = its;
    onMessage(its);
  };
  let why: unknown;
  if (isEventStream(response)) {
    why = await readOn(response, position, { intake, limits, onNonsense, onMessage: hear });
  } else if (response.statusCode === 202) {
    discard(response);
    throw noServer();
  } else {
    messagesIn(await readBody(response, intake)).forEach(hear);
    if (!isAnswered && !stray) throw noServer();
  }
  if (isAnswered || !stray) return { isAnswered, why };
  onMessage(withId(stray, call.id));
  return { isAnswered: true, why };
}

/** That a server says nothing to a question. */
export class SilentError extends Error {
  override readonly name = 'SilentError';

  /** @param limit how long (ms) it was waited for */
  constructor({ origin }: URL, limit: number) {
    super(l10n.t('{0} did not answer within {1} s.', origin, String(limit / 1_000)));
  }
}

/**
 * Asks a server something of our own.
 * @returns the answer
 * @throws RemoteError where the server refuses; SilentError; Error, for `explain`, where no answer came
 */
export async function ask(options: ExchangeOptions, message: Message, call: Call): Promise<Message> {
  const { silence } = options.limits;
  const slow = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const watched: Call = {
    ...call,
    ended: AbortSignal.any([call.ended, slow.signal]),
    get sent() {
      return call.sent;
    },
    // A sign-in may take longer: only what the server takes counts.
    set sent(isSent: boolean) {
      call.sent = isSent;
      clearTimeout(timer);
      if (isSent) {
        timer = setTimeout(() => {
          slow.abort();
        }, silence);
      }
    },
  };
  try {
    const response = await post(options, message, watched);
    let answer: Message | undefined;
    const { why } = await readAnswer(options, response, watched, each => {
      if (answers(each.content) === call.id) answer = each;
    });
    if (answer) return answer;
    throw why ?? noServer();
  } catch (error) {
    throw slow.signal.aborted ? new SilentError(options.url, silence) : error;
  } finally {
    clearTimeout(timer);
  }
}
