import { EventEmitter, once } from 'node:events';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  RootsListChangedNotificationSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

/** What every server of this process has seen, besides calls. */
export const seen = { cancelled: 0, begun: 0, rootsChanged: 0, polledFrom: 0, subscribed: [] as string[] };

/** Each `go` lets the tool `steps` go on by one. */
export const steps = new EventEmitter();

/** A real SDK server that uses every feature of the protocol. */
export function createFeatures(): McpServer {
  const server = new McpServer(
    { name: 'remote', version: '1.0.0' },
    { capabilities: { logging: {}, resources: { subscribe: true }, tools: { listChanged: true } } },
  );
  server.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    seen.subscribed.push(params.uri);
    return {};
  });
  server.server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
  server.server.setNotificationHandler(RootsListChangedNotificationSchema, () => {
    seen.rootsChanged++;
  });
  server.registerTool(
    'echo',
    { inputSchema: { text: z.string() }, annotations: { readOnlyHint: true } },
    ({ text }) => ({ content: [{ type: 'text', text }] }),
  );
  server.registerTool('hidden_tool', {}, () => ({ content: [{ type: 'text', text: 'seen' }] }));
  server.registerTool('repeat', { inputSchema: { text: z.string(), times: z.number() } }, input => ({
    content: [{ type: 'text', text: input.text.repeat(input.times) }],
  }));
  server.registerTool('log', {}, async ({ sessionId }) => {
    await server.sendLoggingMessage({ level: 'debug', data: 'a detail' }, sessionId);
    await server.sendLoggingMessage({ level: 'error', data: 'an error' }, sessionId);
    return { content: [{ type: 'text', text: 'logged' }] };
  });
  server.registerTool('steps', { inputSchema: { times: z.number() } }, async ({ times }, extra) => {
    for (let step = 1; step <= times; step++) {
      await extra.sendNotification({
        method: 'notifications/message',
        params: { level: 'info', data: `step ${String(step)}` },
      });
      await once(steps, 'go');
    }
    return { content: [{ type: 'text', text: 'arrived' }] };
  });
  server.registerTool('poll', {}, async ({ closeSSEStream }) => {
    closeSSEStream?.();
    seen.polledFrom = Date.now();
    await once(steps, 'go');
    return { content: [{ type: 'text', text: 'arrived' }] };
  });
  server.registerTool('features', {}, async extra => {
    const token = extra._meta?.progressToken;
    for (let progress = 1; progress <= 3 && token !== undefined; progress++) {
      await extra.sendNotification({
        method: 'notifications/progress',
        params: { progressToken: token, progress },
      });
    }
    await extra.sendNotification({
      method: 'notifications/message',
      params: { level: 'info', data: 'hello' },
    });
    const sampled = await server.server.createMessage({
      messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }],
      maxTokens: 5,
    });
    const elicited = await server.server.elicitInput({
      message: 'Name?',
      requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
    });
    const { roots } = await server.server.listRoots();
    return {
      content: [
        {
          type: 'text',
          text: JSON.stringify({ model: sampled.model, action: elicited.action, roots: roots.length }),
        },
      ],
    };
  });
  server.registerTool('slow', { inputSchema: { ms: z.number() } }, async ({ ms }, extra) => {
    seen.begun++;
    const { promise, resolve } = Promise.withResolvers<string>();
    const timer = setTimeout(resolve, ms, 'done');
    extra.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      seen.cancelled++;
      resolve('cancelled');
    });
    await extra.sendNotification({
      method: 'notifications/message',
      params: { level: 'info', data: 'begun' },
    });
    return { content: [{ type: 'text', text: await promise }] };
  });
  return server;
}
