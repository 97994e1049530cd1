import { setMaxListeners } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestId } from '@modelcontextprotocol/server';
import { forThat, isError, messagesIn, noServer } from './answersOf.ts';
import { readBody } from './body.ts';
import type { Answer } from './decoding.ts';
import { isEventStream } from './eventStream.ts';
import { answers, hasMethod, isRequest, withId, type Message } from '../../mcp/message.ts';
import { isFinal, isFruitless, longestPause, pause, readOn, type Position } from './position.ts';
import { discard, isTaken, refusal, RemoteError } from './refusal.ts';
import { forCall, type Call, type Remote, type RemoteOptions } from './remote.ts';
import { isRepeatable } from './repeatable.ts';
import { isSessionUnknown } from './sessionGone.ts';

/** How long (ms) the server's own stream may take to stand; not every server has one. */
const listeningLimit = 2_000;
/** How long (ms) a server may be away before the answer on a broken stream counts as lost. */
const resumptionLimit = 30_000;

/** A session by the Streamable HTTP transport (MCP specification, "Transports"). */
export function streamableHttp(options: RemoteOptions): Remote {
  const { url, request, log, onMessage, onAnswerLost, onSessionLost } = options;
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  let session: string | undefined;
  let version: string | undefined;
  /** The server's own stream; `paused` until the next request brings a token that counts. */
  let listening: 'no' | 'yes' | 'paused' = 'no';
  const ownPosition: Position = { fruitless: 0 };
  /** Calls whose answer can come by the server's own stream only. */
  const elsewhere = new Set<RequestId>();
  let ownStands = false;

  const headers = (more: OutgoingHttpHeaders): OutgoingHttpHeaders => ({
    ...more,
    ...(session !== undefined && { 'mcp-session-id': session }),
    ...(version !== undefined && { 'mcp-protocol-version': version }),
  });

  async function open({ lastEventId }: Position, call?: Call): Promise<Answer> {
    const response = await request(url, {
      method: 'GET',
      headers: headers({
        accept: 'text/event-stream',
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      }),
      waiting: call?.waiting,
      // Nobody waits for the server's own stream: when it breaks, nobody is asked to sign in for it.
      unattended: call ? call.unattended : true,
      signal: call?.ended ?? stop.signal,
    });
    if (response.statusCode === 200 && isEventStream(response)) return response;
    throw await refusal(response);
  }

  function takeAnswer(body: string, call: Call): void {
    const messages = messagesIn(body).map(message => forThat(message, call));
    const answer = messages.findIndex(({ content }) => answers(content) === call.id);
    if (answer > 0) call.begun = true;
    for (const message of messages) onMessage(message, call.id);
    if (answer >= 0) return;
    const stray = messages.find(isError);
    if (!stray) throw noServer();
    onMessage(withId(stray, call.id));
  }

  /** Reads the stream of a call until its answer is there, on where it stopped when it breaks. */
  async function follow(first: Answer, call: Call, hooks: StreamHooks = {}): Promise<void> {
    const position: Position = { fruitless: 0 };
    let answered = false;
    let stray: Message | undefined;
    const hear = (message: Message) => {
      const its = forThat(message, call);
      if (answers(its.content) === call.id) {
        answered = true;
        hooks.onAnswer?.();
      } else {
        if (hasMethod(its.content)) call.begun = true;
        if (isError(its)) stray = its;
      }
      onMessage(its, call.id);
    };
    let response: Answer | undefined = first;
    let lastHeard = Date.now();
    let why: unknown;
    for (let tries = 0; ; tries++) {
      if (response) {
        why = await readOn(response, position, { ...options, onMessage: hear, ...hooks });
        lastHeard = Date.now();
        tries = 0;
      }
      if (answered || call.ended.aborted || hooks.isOver?.()) return;
      const canGoOn = position.lastEventId !== undefined && !stop.signal.aborted && !isFinal(why);
      if (!canGoOn || isFruitless(position) || Date.now() - lastHeard > resumptionLimit) break;
      call.begun = true;
      await pause(position, tries, call.ended);
      response = await open(position, call).catch((error: unknown) => {
        why = error;
        return undefined;
      });
    }
    if (stray) onMessage(withId(stray, call.id));
    else onAnswerLost(call.id, why);
  }

  /** Reads a stream that answers `initialize`. @throws NotStreamableError where it is one of the HTTP+SSE transport */
  function followFirst(response: Answer, call: Call): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    let isOver = false;
    void follow(response, call, {
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

  /** Reads the server's own stream for as long as the session lasts. @param onTried told when it stands or cannot */
  async function listen(onTried: () => void): Promise<void> {
    listening = 'yes';
    let stood = false;
    for (let tries = 0; !stop.signal.aborted; tries++) {
      try {
        const response = await open(ownPosition);
        stood = ownStands = true;
        onTried();
        const began = Date.now();
        const failure = await readOn(response, ownPosition, { ...options, onMessage: hearOwn });
        if (failure) throw failure;
        if (isFruitless(ownPosition)) throw new Error('It ends again and again without an event.');
        if (ownPosition.lastEventId === undefined) loseElsewhere();
        // A server that ends the stream as soon as it stands is not asked again at once.
        if (Date.now() - began > longestPause) tries = 0;
      } catch (error) {
        onTried();
        loseElsewhere();
        if (stop.signal.aborted) return;
        log.debug(`The server's own stream: ${String(error)}`);
        if (stood && isSessionUnknown(error)) {
          onSessionLost();
          return;
        }
        if (isFinal(error)) {
          listening = error instanceof RemoteError && error.status === 401 ? 'paused' : 'no';
          return;
        }
      }
      await pause(ownPosition, tries, stop.signal);
    }
  }

  /** What the server asks before its own stream stands would be lost, so that stream comes first. */
  async function beginListening(): Promise<void> {
    const { promise: tried, resolve } = Promise.withResolvers<undefined>();
    void listen(() => {
      resolve(undefined);
    });
    await Promise.race([tried, delay(listeningLimit, undefined, { ref: false })]);
  }

  function hearOwn(message: Message): void {
    const id = answers(message.content);
    if (id !== undefined) elsewhere.delete(id);
    onMessage(message);
  }

  /** The call was taken, and its answer does not follow. */
  function waitElsewhere({ id }: Call): void {
    elsewhere.add(id);
    if (!ownStands) loseElsewhere();
  }

  function loseElsewhere(): void {
    ownStands = false;
    const lost = [...elsewhere];
    elsewhere.clear();
    for (const id of lost) onAnswerLost(id);
  }

  async function readAnswer(response: Answer, call: Call): Promise<void> {
    const isFirst = call.method === 'initialize';
    if (response.statusCode === 202) {
      discard(response);
      if (isFirst) throw noServer();
      waitElsewhere(call);
    } else if (isEventStream(response)) {
      if (isFirst) await followFirst(response, call);
      else void follow(response, call);
    } else {
      takeAnswer(await readBody(response, options.intake), call);
    }
  }

  return {
    async send({ text: body, content }, call) {
      const response = await request(url, {
        method: 'POST',
        headers: headers({
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        }),
        body,
        inSession: version !== undefined,
        repeatable: isRepeatable(content),
        ...forCall(call),
      });
      const given = response.headers['mcp-session-id'];
      if (typeof given === 'string') session = given;
      if (!isTaken(response)) throw await refusal(response);
      if (call && isRequest(content)) await readAnswer(response, call);
      else discard(response);
      if ('method' in content && content.method === 'notifications/initialized') await beginListening();
      else if (listening === 'paused') void beginListening();
    },
    setVersion(agreed) {
      version = agreed;
    },
    async terminate() {
      if (session === undefined) return;
      const response = await request(url, { method: 'DELETE', headers: headers({}), unattended: true });
      discard(response);
    },
    close() {
      stop.abort();
    },
  };
}

interface StreamHooks {
  /** The answer is there. */
  readonly onAnswer?: () => void;
  /** The stream is one of the HTTP+SSE transport. */
  readonly onEndpoint?: () => void;
  /** Whether nobody waits for more of it. */
  readonly isOver?: () => boolean;
}
