import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { AuthError } from '../../../src/auth/authError.ts';
import { createFront, type Front } from '../../../src/bridge/lobby/front.ts';
import { merge, type Known, type ListMemory } from '../../../src/bridge/lobby/memory.ts';
import { messageOf } from '../../../src/common/errors.ts';
import { isRequest, toMessage, withId, type Message } from '../../../src/mcp/message.ts';
import type { TokenRequest } from '../../../src/sessions/tokenSource.ts';
import { memoryLog } from '../../auth/fixtures.ts';

type Json = Record<string, unknown>;

/** A server that is nothing but what it answers, by method. */
export type Answers = Record<string, (params: Json) => { result: Json } | { error: Json }>;

/** A front between a client and a server that are lists of messages: no process is started, and nobody is asked. */
export interface MemoryFront {
  readonly front: Front<Message>;
  /** What the server heard, by method, or `answer`. */
  readonly received: string[];
  /** What the client was sent. */
  readonly sent: Json[];
  /** What was asked of the token source: silently, or the person. */
  readonly asked: ('silent' | 'person')[];
  readonly remembered: Map<string, Known>;
  /** Whose token there is, if any. */
  account: string | undefined;
  /** What a call that asks the person comes to. */
  person: (request: TokenRequest) => Promise<string>;
  /** Why there is no token. */
  why: Error;
  /** Somebody has signed in or out. */
  changed(): void;
  say(message: Json): Promise<void>;
  /** Says it as a request. @returns its answer */
  call(method: string, params?: Json): Promise<Json>;
  fromServer(message: Json): void;
  answersTo(id: unknown): Json[];
}

/** The lists of a server with that many tools. */
export function serverOf(...tools: string[]): Answers {
  return {
    initialize: ({ protocolVersion }) => ({
      result: {
        protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'notes', version: '3' },
        instructions: 'Take notes.',
      },
    }),
    'tools/list': () => ({
      result: { tools: tools.map(name => ({ name, inputSchema: { type: 'object' } })) },
    }),
    'tools/call': ({ name }) => ({ result: { content: [{ type: 'text', text: `${String(name)} ran` }] } }),
  };
}

export function createMemoryFront(
  server: Answers,
  { translates = true, known }: { translates?: boolean; known?: Known } = {},
): MemoryFront {
  const received: string[] = [];
  const sent: Json[] = [];
  const asked: ('silent' | 'person')[] = [];
  const remembered = new Map<string, Known>(known && [['ada', known]]);
  const listeners: (() => void)[] = [];
  let lastId = 0;
  const memory: ListMemory = {
    get: async account => (account === undefined ? [...remembered.values()].at(-1) : remembered.get(account)),
    add(account, more) {
      const all = merge(remembered.get(account), more);
      remembered.delete(account);
      remembered.set(account, all);
    },
    flush: () => Promise.resolve(),
  };
  const front = createFront<Message>({
    ends: {
      async toServer(message) {
        const { content } = message;
        received.push('method' in content ? content.method : 'answer');
        if (!isRequest(content)) return;
        const { id, method, params } = content;
        // It is answered when it ends.
        if (method === 'subscriptions/listen') return;
        const answer = server[method]?.(params ?? {}) ?? {
          error: { code: -32_601, message: 'Method not found' },
        };
        setImmediate(() => {
          front.fromServer(toMessage({ jsonrpc: '2.0', id, ...answer } as JSONRPCMessage));
        });
      },
      toClient: message => void sent.push(JSON.parse(message.text) as Json),
      make: toMessage,
      withId,
      whole: ({ content }) => content,
    },
    tokenSource: {
      async getToken(request) {
        asked.push(request.silent ? 'silent' : 'person');
        if (here.account === undefined && !request.silent) here.account = await here.person(request);
        if (here.account === undefined) throw here.why;
        return { accessToken: 'token', account: { label: here.account } };
      },
      onInvalidate: listener => void listeners.push(listener),
    },
    memory,
    name: 'notes.example',
    translates,
    log: memoryLog(),
    refusal: error => ({ code: -32_000, message: messageOf(error) }),
  });
  const here: MemoryFront = {
    front,
    received,
    sent,
    asked,
    remembered,
    account: undefined,
    person: () => Promise.resolve('ada'),
    why: new AuthError('login_required', 'A person has to sign in.'),
    changed() {
      for (const listener of listeners) listener();
    },
    say: message => front.fromClient(toMessage({ jsonrpc: '2.0', ...message } as JSONRPCMessage)),
    async call(method, params = {}) {
      const id = ++lastId;
      void here.say({ id, method, params });
      while (here.answersTo(id).length === 0) await new Promise(setImmediate);
      return here.answersTo(id)[0]!;
    },
    fromServer(message) {
      front.fromServer(toMessage({ jsonrpc: '2.0', ...message } as JSONRPCMessage));
    },
    answersTo: id => sent.filter(message => message['id'] === id && !('method' in message)),
  };
  return here;
}
