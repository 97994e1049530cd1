import { Client as ModernClient, type ClientCapabilities } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import {
  CreateMessageRequestSchema,
  ElicitationCompleteNotificationSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { revision } from '../../../server/eras.ts';
import { elsewhere } from './legacyFeatures.ts';

/** Everything that a client can be asked. */
export const everything: ClientCapabilities = {
  sampling: { tools: {} },
  elicitation: { form: {}, url: {} },
  roots: {},
};

const info = { name: 'test', version: '1.0.0' };
/** What they answer to a request for sampling. */
export const sampled = {
  model: 'test-model',
  role: 'assistant' as const,
  content: { type: 'text' as const, text: 'Hello' },
};
const roots = { roots: [{ uri: 'file:///wool' }] };
const filled = { action: 'accept' as const, content: { colour: 'red' } };

/** Real clients, each of its own SDK, and what they heard. */
export interface Heard<Client> {
  readonly client: Client;
  /** What they were shown, what was logged, and what has changed. */
  readonly heard: unknown[];
}

/** One of the legacy era. */
export function newLegacyClient(capabilities = everything): Heard<LegacyClient> {
  const client = new LegacyClient(info, {
    capabilities: {
      ...(capabilities as object),
      ...(capabilities.roots && { roots: { listChanged: true } }),
    },
  });
  const heard: unknown[] = [];
  const hear = (what: unknown) => void heard.push(what);
  if (capabilities.sampling) client.setRequestHandler(CreateMessageRequestSchema, () => sampled);
  if (capabilities.elicitation) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      hear(params.mode === 'url' ? params.url : params.message);
      return params.mode === 'url' ? { action: 'accept' } : filled;
    });
  }
  if (capabilities.roots) client.setRequestHandler(ListRootsRequestSchema, () => roots);
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => hear('tools'));
  client.setNotificationHandler(PromptListChangedNotificationSchema, () => hear('prompts'));
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => hear('resources'));
  client.setNotificationHandler(ElicitationCompleteNotificationSchema, () => hear('complete'));
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => hear(params.uri));
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => hear(params.data));
  return { client, heard };
}

/** One of the modern era, and of no other. */
export function newModernClient(capabilities = everything): Heard<ModernClient> {
  const client = new ModernClient(info, { capabilities, versionNegotiation: { mode: { pin: revision } } });
  const heard: unknown[] = [];
  const hear = (what: unknown) => void heard.push(what);
  if (capabilities.sampling) client.setRequestHandler('sampling/createMessage', () => sampled);
  if (capabilities.elicitation) {
    client.setRequestHandler('elicitation/create', ({ params }) => {
      hear(params.mode === 'url' ? params.url : params.message);
      if (params.mode !== 'url') return filled;
      elsewhere.emit('opened');
      return { action: 'accept' };
    });
  }
  if (capabilities.roots) client.setRequestHandler('roots/list', () => roots);
  client.setNotificationHandler('notifications/tools/list_changed', () => hear('tools'));
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => hear(params.uri));
  client.setNotificationHandler('notifications/message', ({ params }) => hear(params.data));
  return { client, heard };
}
