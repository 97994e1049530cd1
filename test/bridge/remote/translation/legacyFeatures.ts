import { EventEmitter, once } from 'node:events';
import { completable } from '@modelcontextprotocol/sdk/server/completable.js';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  ListRootsResultSchema,
  CreateMessageResultSchema,
  ElicitResultSchema,
  McpError,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
  UrlElicitationRequiredError,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

/** What every server of this process has seen. */
export const seen = { cancelled: 0, begun: 0, watched: [] as string[] };
/** `opened`: the person has been at the address. */
export const elsewhere = new EventEmitter();

const text = (value: unknown) => ({
  content: [{ type: 'text' as const, text: typeof value === 'string' ? value : JSON.stringify(value) }],
});

const requests = {
  sampling: {
    method: 'sampling/createMessage',
    params: { messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }], maxTokens: 5 },
  },
  elicitation: {
    method: 'elicitation/create',
    params: {
      message: 'Which colour?',
      requestedSchema: { type: 'object', properties: { colour: { type: 'string' } } },
    },
  },
  url: {
    method: 'elicitation/create',
    params: { mode: 'url', message: 'Open it', url: 'https://example.com/open', elicitationId: 'one' },
  },
  roots: { method: 'roots/list' },
} as const satisfies Record<string, ServerRequest>;
type Kind = keyof typeof requests;
const results = {
  sampling: CreateMessageResultSchema,
  elicitation: ElicitResultSchema,
  url: ElicitResultSchema,
  roots: ListRootsResultSchema,
};

/** A real server of the legacy era, by the SDK, that uses every feature it has. */
export function createLegacyFeatures(): McpServer {
  const server = new McpServer(
    { name: 'legacy', version: '1.0.0' },
    {
      instructions: 'Be kind.',
      capabilities: { logging: {}, resources: { subscribe: true }, tools: { listChanged: true } },
    },
  );
  let isOpened = false;
  server.server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }) => {
    if (uri.endsWith('secret')) throw new McpError(-32_602, 'No such thing');
    seen.watched.push(uri);
    return {};
  });
  server.server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
    seen.watched = seen.watched.filter(each => each !== uri);
    return {};
  });
  server.registerTool('echo', { inputSchema: { text: z.string() } }, input => text(input.text));
  server.registerTool('meta', {}, extra => text(extra._meta ?? {}));
  server.registerTool('ask', { inputSchema: { kinds: z.array(z.string()) } }, async ({ kinds }, extra) => {
    const ask = async (kind: Kind) =>
      extra.sendRequest(requests[kind], results[kind]).catch((error: unknown) => String(error));
    const answers = (kinds as Kind[]).map(async kind => [kind, await ask(kind)] as const);
    return text(Object.fromEntries(await Promise.all(answers)));
  });
  server.registerTool('askOne', {}, async extra => {
    for (let times = 0; times < 2; times++) await extra.sendRequest(requests.roots, results.roots);
    return text('asked');
  });
  server.registerTool('askForNothing', {}, async extra => {
    const stop = new AbortController();
    const asked = extra.sendRequest(requests.roots, results.roots, { signal: stop.signal });
    stop.abort();
    await asked.catch(() => undefined);
    return text('enough');
  });
  server.registerTool('open', {}, () => {
    if (isOpened) return text('opened');
    elsewhere.once('opened', () => {
      isOpened = true;
      void server.server.notification({
        method: 'notifications/elicitation/complete',
        params: { elicitationId: 'one' },
      });
    });
    throw new UrlElicitationRequiredError([requests.url.params]);
  });
  server.registerTool('steps', {}, async ({ _meta, sendNotification, sendRequest }) => {
    const progressToken = _meta?.progressToken ?? '';
    await sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
    await sendRequest(requests.roots, results.roots);
    await sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 2 } });
    // The SDK's client hears no progress that comes in one go with the answer.
    await sendRequest(requests.roots, results.roots);
    return text('arrived');
  });
  server.registerTool('log', {}, async () => {
    await server.sendLoggingMessage({ level: 'debug', data: 'a detail' });
    await server.sendLoggingMessage({ level: 'error', data: 'an error' });
    return text('logged');
  });
  server.registerTool('slow', {}, async ({ signal }) => {
    seen.begun++;
    await once(signal, 'abort');
    seen.cancelled++;
    return text('cancelled');
  });
  server.registerPrompt(
    'greet',
    { argsSchema: { name: completable(z.string(), () => ['Ada', 'Grace']) } },
    async ({ name }, extra) => {
      await extra.sendRequest(requests.elicitation, results.elicitation);
      return { messages: [{ role: 'user', content: { type: 'text', text: `Hello ${name}` } }] };
    },
  );
  server.registerResource('wool', new ResourceTemplate('wool://{kind}', { list: undefined }), {}, uri => {
    if (uri.href.endsWith('none')) throw new McpError(-32_002, 'Resource not found');
    return { contents: [{ uri: uri.href, text: 'soft' }] };
  });
  return server;
}
