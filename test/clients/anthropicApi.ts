import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** Stands in for Anthropic's API, on loopback: its model calls a tool, once, and repeats the tool's answer. */
export interface AnthropicApi {
  readonly url: string;
  stop(): void;
}

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly content?: string | readonly Block[];
}
interface Asked {
  readonly stream?: boolean;
  readonly model?: string;
  readonly tools?: readonly { readonly name: string }[];
  readonly messages?: readonly { readonly content: string | readonly Block[] }[];
}

/**
 * Starts it.
 * @param tool the name that the client gives to the tool
 */
export async function startAnthropicApi(tool: string): Promise<AnthropicApi> {
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname } = new URL(request.url ?? '', 'http://localhost');
      if (request.method !== 'POST' || pathname !== '/v1/messages') {
        response.writeHead(404).end();
        return;
      }
      const asked = (await json(request)) as Asked;
      const answer = messageOf(asked, tool);
      if (asked.stream !== true) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer));
        return;
      }
      response.setHeader('content-type', 'text/event-stream');
      for (const event of eventsOf(answer)) {
        response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      }
      response.end();
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

type Message = ReturnType<typeof messageOf>;

/** What the model says (Anthropic's API reference, "Messages"). */
function messageOf({ model = '', tools = [], messages = [] }: Asked, tool: string) {
  const answered = answerIn(messages);
  const calls = answered === undefined && tools.some(({ name }) => name === tool);
  return {
    id: 'msg_test',
    type: 'message',
    role: 'assistant',
    model,
    content: [
      calls
        ? { type: 'tool_use', id: 'toolu_test', name: tool, input: {} }
        : { type: 'text', text: answered ?? `There is no ${tool}.` },
    ],
    stop_reason: calls ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  };
}

function answerIn(messages: NonNullable<Asked['messages']>): string | undefined {
  const blocks = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
  const result = blocks.find(({ type }) => type === 'tool_result');
  if (!result) return undefined;
  const { content = '' } = result;
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('\n');
}

/** The same, as it is streamed ("Streaming messages"). */
function eventsOf(message: Message) {
  const { content, stop_reason, usage } = message;
  const [block] = content;
  const [start, delta] =
    block?.type === 'tool_use'
      ? [block, { type: 'input_json_delta', partial_json: '{}' }]
      : [
          { type: 'text', text: '' },
          { type: 'text_delta', text: block?.text },
        ];
  return [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
    { type: 'content_block_start', index: 0, content_block: start },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
}
