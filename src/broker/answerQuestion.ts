import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type * as z from 'zod/mini';
import type { Log } from '../common/log.ts';
import { newsOf } from '../sessions/signInNews.ts';
import type { Waiting } from './allowed.ts';
import { errorReply } from './errorReply.ts';
import { maximumRequest, type BrokerReply } from './protocol.ts';

/** Questions of each kind that one asker may have under way. */
export const maximumWaiting = 64;

/** A kind of question, and what answers it. */
export interface Question<Asked> {
  readonly schema: z.ZodMiniType<Asked>;
  /** Those of the asker that are under way. */
  readonly underWay: Set<ServerResponse>;
  readonly log: Log;
  /** @returns undefined where the asker gets no answer any more */
  answer(asked: Asked, waiting: Waiting): Promise<BrokerReply | undefined>;
}

/** Whether a request is a question at that path. */
export function isPost({ method, url }: IncomingMessage, path: string): boolean {
  return method === 'POST' && url === path;
}

/** Answers a question by lines of the protocol: what is waited for, and then the answer, or why there is none. */
export async function answerQuestion<Asked extends { silent?: boolean | undefined }>(
  request: IncomingMessage,
  response: ServerResponse,
  { schema, underWay, log, answer }: Question<Asked>,
): Promise<void> {
  if (Number(request.headers['content-length'] ?? Infinity) > maximumRequest) {
    // Else the body would be read to its end.
    response.writeHead(413).end();
    return;
  }
  if (underWay.size >= maximumWaiting) {
    response.writeHead(429).end();
    return;
  }
  const gone = new AbortController();
  underWay.add(response);
  response.on('close', () => {
    underWay.delete(response);
    gone.abort();
  });
  const parsed = schema.safeParse(await json(request));
  if (!parsed.success) {
    response.writeHead(400).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const say = (reply: BrokerReply) => {
    // Progress may come after the answer, and a write then would be an error nobody handles.
    if (!response.writableEnded) response.write(`${JSON.stringify(reply)}\n`);
  };
  try {
    const reply = await answer(parsed.data, {
      signal: gone.signal,
      onProgress: event => {
        say({ type: 'progress', ...newsOf(event) });
      },
      ...(parsed.data.silent && { silent: true }),
    });
    if (reply) say(reply);
  } catch (error) {
    say(errorReply(error, log));
  } finally {
    response.end();
  }
}

async function json(request: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await text(request));
  } catch {
    return undefined;
  }
}
