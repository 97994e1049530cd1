import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { forCall, needOf, type Call } from './call.ts';
import type { Answer } from './decoding.ts';
import { isEventStream, readEvents } from './eventStream.ts';
import { answers, isRequest, meantFor, parseMessages, withId, type Message } from '../../mcp/message.ts';
import { NoEndpointError } from './otherTransport.ts';
import { redirected } from './redirect.ts';
import { discard, isTaken, refusal } from './refusal.ts';
import { isRepeatable } from './repeatable.ts';
import {
  asError,
  callOf,
  loseAnswer,
  rawOf,
  receiveRaw,
  type RemoteOptions,
  type RemoteTransport,
} from './transport.ts';

/** Longest address (characters) that messages may go to. */
const longestAddress = 8_192;

/**
 * A session by the HTTP+SSE transport (MCP specification 2024-11-05, "Transports"), which Streamable HTTP
 * replaced: one stream carries all answers, and its end is the end of the session.
 */
export function createLegacySse({ url, request, intake, limits }: RemoteOptions): RemoteTransport {
  const stop = new AbortController();
  /** Requests without an answer, and whether the server has taken them. */
  const unanswered = new Map<RequestId, { readonly call: Call; isTaken: boolean }>();
  let over = false;
  let version: string | undefined;
  let endpoint: Promise<URL> | undefined;

  const headers = (more: OutgoingHttpHeaders): OutgoingHttpHeaders => ({
    ...more,
    ...(version !== undefined && { 'mcp-protocol-version': version }),
  });

  async function open(call: Call | undefined): Promise<URL> {
    const slow = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const response = await request(url, {
      method: 'GET',
      headers: headers({ accept: 'text/event-stream' }),
      ...needOf(call),
      signal: AbortSignal.any([stop.signal, slow.signal]),
      // A sign-in may take longer: only what the server takes counts.
      onSent: sent => {
        clearTimeout(timer);
        if (sent) {
          timer = setTimeout(() => {
            slow.abort(noEndpoint());
          }, limits.endpoint);
        }
      },
    })
      .catch((error: unknown) => {
        throw slow.signal.aborted ? noEndpoint() : error;
      })
      .finally(() => {
        clearTimeout(timer);
      });
    if (!isTaken(response)) throw await refusal(response);
    if (isEventStream(response)) return endpointOf(response);
    discard(response);
    throw noEndpoint();
  }

  function endpointOf(response: Answer): Promise<URL> {
    const { promise, resolve, reject } = Promise.withResolvers<URL>();
    const timer = setTimeout(() => response.destroy(), limits.endpoint);
    let begun = false;
    const read = readEvents(response, {
      intake,
      onEvent({ event = 'message', data }) {
        if (event === 'message') take(data);
        if (event !== 'endpoint' || begun) return;
        clearTimeout(timer);
        const address = data.length > longestAddress ? null : URL.parse(data, url.href);
        begun = address?.origin === url.origin;
        if (address && begun) {
          resolve(address);
        } else {
          reject(redirected(url, address ?? url));
          response.destroy();
        }
      },
    });
    void read
      .catch((why: unknown) => why)
      .then(why => {
        clearTimeout(timer);
        reject(why ?? noEndpoint());
        if (begun) ended(why);
      });
    return promise;
  }

  function take(data: string): void {
    try {
      for (const message of parseMessages(data)) receiveRaw(transport, forCallOf(message));
    } catch (error) {
      transport.onerror?.(asError(error));
    }
  }

  /** The message, as an answer to a call where it is meant for that under another id. */
  function forCallOf(message: Message): Message {
    const id = answers(message.content);
    if (id !== undefined && unanswered.delete(id)) return message;
    const meant = meantFor(message.content, [...unanswered.keys()]);
    if (meant === undefined) return message;
    unanswered.delete(meant);
    return withId(message, meant);
  }

  function ended(why: unknown): void {
    over = true;
    // What the server has not taken yet may still be sent again.
    for (const each of unanswered.values()) if (each.isTaken) loseAnswer(transport, each.call, why);
    if (!stop.signal.aborted) transport.onclose?.();
  }

  const transport: RemoteTransport = {
    // The stream is opened by the first message, for whose sake a sign-in may be waited for.
    start: () => Promise.resolve(),
    async send(message, options) {
      const { text: body, content } = rawOf(message, options);
      const call = callOf(content, options);
      endpoint ??= open(call);
      const address = await endpoint.catch((error: unknown) => {
        endpoint = undefined;
        throw error;
      });
      const asked = call && isRequest(content) ? { call, isTaken: false } : undefined;
      if (asked) unanswered.set(asked.call.id, asked);
      try {
        const response = await request(address, {
          method: 'POST',
          headers: headers({ 'content-type': 'application/json' }),
          body,
          inSession: version !== undefined,
          repeatable: isRepeatable(content),
          ...forCall(call),
        });
        if (!isTaken(response)) throw await refusal(response);
        discard(response);
        if (asked && unanswered.has(asked.call.id)) {
          asked.isTaken = true;
          if (over) loseAnswer(transport, asked.call);
        }
      } catch (error) {
        if (asked) unanswered.delete(asked.call.id);
        throw error;
      }
    },
    setProtocolVersion(agreed) {
      version = agreed;
    },
    terminateSession: () => Promise.resolve(),
    close() {
      stop.abort();
      transport.onclose?.();
      return Promise.resolve();
    },
  };
  return transport;
}

function noEndpoint(): NoEndpointError {
  return new NoEndpointError(
    l10n.t(
      'The server does not speak the HTTP+SSE transport. Leave --transport out, or set it to http-only.',
    ),
  );
}
