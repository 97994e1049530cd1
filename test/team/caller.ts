import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { messageOf } from '../../src/common/errors.ts';
import { revision } from '../server/eras.ts';
import type { Call } from './person.ts';

/** What a client of a team's server needs. */
export interface CallerOptions {
  readonly url: string;
  /** The token of a request; asked before each. */
  readonly token: () => Promise<string>;
  readonly era: '2025' | '2026';
  readonly fetch?: (url: string | URL, init?: RequestInit) => Promise<Response>;
}

export interface Caller {
  readonly call: Call;
  close(): Promise<void>;
}

/** What our tools say where nothing was done; whatever else went wrong may have done something. */
const noSuchTodo = /^There is nothing of yours with the id /;

/** Connects a client of the SDK, with a token that somebody else has got. */
export async function connectCaller({ url, token, era, fetch }: CallerOptions): Promise<Caller> {
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { versionNegotiation: { mode: era === '2026' ? { pin: revision } : 'legacy' } },
  );
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    authProvider: { token },
    ...(fetch && { fetch }),
  });
  await client.connect(transport);
  let lost: AbortController | undefined;
  // The SDK waits for an answer to its time limit also where the stream that it was to come by has broken off.
  client.onerror = error => lost?.abort(error);
  return {
    async call(name, input) {
      lost = new AbortController();
      try {
        const { isError, structuredContent, content } = await client.callTool(
          { name, arguments: input },
          { timeout: 30_000, signal: lost.signal },
        );
        if (!isError) return { kind: 'answer', result: structuredContent as Record<string, unknown> };
        const words = content.flatMap(part => (part.type === 'text' ? [part.text] : [])).join('\n');
        return { kind: noSuchTodo.test(words) ? 'refused' : 'unknown', words };
      } catch (error) {
        return { kind: 'unknown', words: messageOf(error) };
      }
    },
    close: () => client.close(),
  };
}
