import { setMaxListeners } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';
import { forThat, isError, messagesIn, noServer } from './answersOf.ts';
import { readBody } from './body.ts';
import { forCall, needOf, type Call } from './call.ts';
import { followCall, followInitialize, type CallStreamOptions } from './callStream.ts';
import type { Answer } from './decoding.ts';
import { isEventStream } from './eventStream.ts';
import { answers, isRequest, withId, type Message } from '../../mcp/message.ts';
import type { Position } from './position.ts';
import { discard, isTaken, refusal } from './refusal.ts';
import { isRepeatable } from './repeatable.ts';
import { createStandaloneStream } from './standaloneStream.ts';
import {
  asError,
  callOf,
  loseAnswer,
  rawOf,
  receiveRaw,
  type RemoteOptions,
  type RemoteTransport,
} from './transport.ts';

/** A session by the Streamable HTTP transport (MCP specification, "Transports"). */
export function createStreamableHttp({ url, request, intake, log, limits }: RemoteOptions): RemoteTransport {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  let session: string | undefined;
  let version: string | undefined;

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
      ...needOf(call),
      // Nobody waits for the standalone stream: when it breaks, nobody is asked to sign in for it.
      unattended: call ? call.unattended : true,
      signal: call?.ended ?? stop.signal,
    });
    if (response.statusCode === 200 && isEventStream(response)) return response;
    throw await refusal(response);
  }

  const onNonsense = (error: unknown) => transport.onerror?.(asError(error));
  const onMessage = (message: Message, call?: Call) => {
    receiveRaw(transport, message, { relatedRequestId: call?.id });
  };
  const streams: CallStreamOptions = {
    intake,
    limits,
    open,
    onMessage,
    onNonsense,
    onLost: (call, why) => {
      loseAnswer(transport, call, why);
    },
    stop: stop.signal,
  };
  const standalone = createStandaloneStream({
    ...streams,
    log,
    open: position => open(position),
    onMessage: message => {
      onMessage(message);
    },
    onLost: call => {
      loseAnswer(transport, call);
    },
    onSessionLost: () => transport.onclose?.(),
  });

  function takeAnswer(body: string, call: Call): void {
    const messages = messagesIn(body).map(message => forThat(message, call));
    const answer = messages.findIndex(({ content }) => answers(content) === call.id);
    if (answer > 0) call.begun = true;
    for (const message of messages) onMessage(message, call);
    if (answer >= 0) return;
    const stray = messages.find(isError);
    if (!stray) throw noServer();
    onMessage(withId(stray, call.id));
  }

  async function readAnswer(response: Answer, call: Call): Promise<void> {
    const isFirst = call.method === 'initialize';
    if (response.statusCode === 202) {
      discard(response);
      if (isFirst) throw noServer();
      standalone.awaitAnswer(call);
    } else if (isEventStream(response)) {
      if (isFirst) await followInitialize(response, call, streams);
      else void followCall(response, call, streams);
    } else {
      takeAnswer(await readBody(response, intake), call);
    }
  }

  const transport: RemoteTransport = {
    start: () => Promise.resolve(),
    async send(message, options) {
      const { text: body, content } = rawOf(message, options);
      const call = callOf(content, options);
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
      if ('method' in content && content.method === 'notifications/initialized') await standalone.begin();
      else if (standalone.isPaused()) void standalone.begin();
    },
    get sessionId() {
      return session;
    },
    setProtocolVersion(agreed) {
      version = agreed;
    },
    async terminateSession() {
      if (session === undefined) return;
      const response = await request(url, { method: 'DELETE', headers: headers({}), unattended: true });
      discard(response);
    },
    close() {
      stop.abort();
      transport.onclose?.();
      return Promise.resolve();
    },
  };
  return transport;
}
