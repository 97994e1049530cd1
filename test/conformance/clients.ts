import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** A program that speaks MCP on stdio. */
export interface Program {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

export interface ToolCall {
  readonly name: string;
  readonly arguments?: Record<string, unknown>;
}

/** What the scenarios need of a client, whatever the revision it speaks. */
export interface ScenarioClient {
  listTools(): Promise<{ tools: { name: string; inputSchema: Record<string, unknown> }[] }>;
  callTool(call: ToolCall): Promise<unknown>;
  listResources(): Promise<{ resources: { uri: string }[] }>;
  readResource(params: { uri: string }): Promise<unknown>;
  listPrompts(): Promise<{ prompts: { name: string }[] }>;
  getPrompt(params: { name: string }): Promise<unknown>;
  close(): Promise<void>;
}

const info = { name: 'conformance-driver', version: '1.0.0' };
/** Fills a form's defaults in, as the scenario about them wants it. */
const capabilities = { elicitation: { form: { applyDefaults: true } }, roots: {}, sampling: {} };

/** The content of a form that a person accepts without changing a thing but what must be confirmed. */
const accepted = (params: object) => ({
  action: 'accept' as const,
  content: JSON.stringify(params).includes('"confirmed"') ? { confirmed: true } : {},
});

/** Clients of both eras, each of its own SDK, by the revision each speaks and no other. */
export const startClient: Record<string, (program: Program) => Promise<ScenarioClient>> = {
  async '2025-11-25'(program) {
    const client = new LegacyClient(info, { capabilities });
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => accepted(params));
    await client.connect(new LegacyTransport(program));
    return client;
  },
  async '2026-07-28'(program) {
    const versionNegotiation = { mode: { pin: '2026-07-28' } };
    const client = new ModernClient(info, { capabilities, versionNegotiation });
    client.setRequestHandler('elicitation/create', ({ params }) => accepted(params));
    await client.connect(new ModernTransport(program));
    return client;
  },
};
