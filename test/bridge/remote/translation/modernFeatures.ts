import {
  completable,
  inputRequired,
  McpServer,
  ResourceTemplate,
  type InputRequiredResult,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { once } from 'node:events';
import { z } from 'zod';

/** What every server of this process has seen. */
export const seen = { cancelled: 0, begun: 0 };

const text = (value: unknown) => ({
  content: [{ type: 'text' as const, text: typeof value === 'string' ? value : JSON.stringify(value) }],
});

const requests = {
  sampling: inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }],
    maxTokens: 5,
  }),
  elicitation: inputRequired.elicit({
    message: 'Which colour?',
    requestedSchema: { type: 'object', properties: { colour: { type: 'string' } } },
  }),
  url: inputRequired.elicitUrl({ message: 'Open it', url: 'https://example.com/open' }),
  roots: inputRequired.listRoots(),
};
type Kind = keyof typeof requests;

/** Asks for each of these, all at once, and says what was answered. */
function ask(
  { inputResponses }: ServerContext['mcpReq'],
  kinds: readonly Kind[],
): InputRequiredResult | undefined {
  if (inputResponses) return undefined;
  const inputRequests = Object.fromEntries(kinds.map(kind => [kind, requests[kind]]));
  return inputRequired({ inputRequests, requestState: 'asked "it"' });
}

/** A real server of the modern era, by the SDK, that uses every feature it has. */
export function createModernFeatures(): McpServer {
  const server = new McpServer(
    { name: 'modern', version: '1.0.0' },
    {
      instructions: 'Be kind.',
      capabilities: {
        logging: {},
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
      },
    },
  );
  server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, input => text(input.text));
  server.registerTool('envelope', {}, ({ mcpReq }) =>
    text({ envelope: mcpReq.envelope, meta: mcpReq._meta }),
  );
  server.registerTool(
    'ask',
    { inputSchema: z.object({ kinds: z.array(z.string()) }) },
    ({ kinds }, { mcpReq }) => {
      return (
        ask(mcpReq, kinds as Kind[]) ?? text({ answers: mcpReq.inputResponses, state: mcpReq.requestState() })
      );
    },
  );
  server.registerTool('askForever', {}, () => inputRequired({ inputRequests: { roots: requests.roots } }));
  server.registerTool('wait', {}, ({ mcpReq }) => {
    const rounds = Number(mcpReq.requestState() ?? 0);
    return rounds < 2 ? inputRequired({ requestState: String(rounds + 1) }) : text('waited');
  });
  server.registerTool('open', {}, ({ mcpReq }) => {
    const rounds = Number(mcpReq.requestState() ?? 0);
    if (rounds === 3) return text(mcpReq.inputResponses);
    return inputRequired({ inputRequests: { url: requests.url }, requestState: String(rounds + 1) });
  });
  server.registerTool('steps', {}, async ({ mcpReq }) => {
    const rounds = Number(mcpReq.requestState() ?? 0);
    if (rounds === 2) return text('arrived');
    for (const progress of [1, 2]) {
      const progressToken = mcpReq._meta?.progressToken ?? '';
      await mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken, progress, total: 2 },
      });
    }
    // The SDK's client hears no progress that comes in one go with the answer.
    return inputRequired({ inputRequests: { roots: requests.roots }, requestState: String(rounds + 1) });
  });
  server.registerTool('log', {}, async ({ mcpReq }) => {
    await mcpReq.log('debug', 'a detail');
    await mcpReq.log('error', 'an error');
    return text('logged');
  });
  server.registerTool('list', { outputSchema: z.array(z.number()) }, () => ({
    ...text('[1,2]'),
    structuredContent: [1, 2],
  }));
  server.registerTool('slow', {}, async ({ mcpReq }) => {
    seen.begun++;
    await once(mcpReq.signal, 'abort');
    seen.cancelled++;
    return text('cancelled');
  });
  server.registerPrompt(
    'greet',
    { argsSchema: z.object({ name: completable(z.string(), () => ['Ada', 'Grace']) }) },
    ({ name }, { mcpReq }) =>
      ask(mcpReq, ['elicitation']) ?? {
        messages: [{ role: 'user', content: { type: 'text', text: `Hello ${name}` } }],
      },
  );
  server.registerResource(
    'wool',
    new ResourceTemplate('wool://{kind}', { list: undefined }),
    {},
    (uri, _, { mcpReq }) => {
      return ask(mcpReq, ['roots']) ?? { contents: [{ uri: uri.href, text: 'soft' }] };
    },
  );
  return server;
}
