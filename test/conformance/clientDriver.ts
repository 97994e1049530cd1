import { join } from 'node:path';
import { startClient, type ScenarioClient, type ToolCall } from './clients.ts';

/**
 * The client under test, as the conformance suite starts one: `connect` with a client of the given revision before it.
 * The suite gives the address of its server as the last argument, and the scenario by the environment. A client that
 * fails early has done little that a check could find wrong, so this one says when it has come to its end.
 */
const [revision = '', url = ''] = process.argv.slice(2);
const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';

type Scene = (client: ScenarioClient) => Promise<void>;

const listTools: Scene = async client => {
  await client.listTools();
};

const callFirstTool: Scene = async client => {
  const { tools } = await client.listTools();
  const [tool] = tools;
  if (tool) await client.callTool({ name: tool.name, arguments: { a: 2, b: 3 } });
};

const scenes: Record<string, Scene> = {
  initialize: listTools,
  tools_call: callFirstTool,
  'elicitation-sep1034-client-defaults': callFirstTool,
  'sse-retry': callFirstTool,
  'request-metadata': listTools,
  'json-schema-ref-no-deref': listTools,

  async 'json-schema-2020-12-preservation'(client) {
    const { tools } = await client.listTools();
    const schema = tools.find(({ name }) => name === 'json_schema_2020_12_tool')?.inputSchema;
    await client.callTool({ name: 'json_schema_echo', arguments: { schema } });
  },

  async 'sep-2322-client-request-state'(client) {
    const call = (name: string) => client.callTool({ name, arguments: {} });
    await client.listTools();
    // At once with the first: no answer to what one call asks may get into another.
    await Promise.all([call('test_mrtr_echo_state'), call('test_mrtr_unrelated')]);
    await call('test_mrtr_no_state');
    await call('test_mrtr_unrelated');
    await call('test_mrtr_no_result_type');
  },

  async 'http-standard-headers'(client) {
    const { tools } = await client.listTools();
    for (const { name } of tools) await client.callTool({ name, arguments: {} });
    const { resources } = await client.listResources();
    for (const { uri } of resources) await client.readResource({ uri });
    const { prompts } = await client.listPrompts();
    for (const { name } of prompts) await client.getPrompt({ name });
  },

  async 'http-custom-headers'(client) {
    const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '') as { toolCalls: ToolCall[] };
    await client.listTools();
    for (const call of context.toolCalls) await client.callTool(call);
  },

  async 'http-invalid-tool-headers'(client) {
    const { tools } = await client.listTools();
    for (const { name } of tools) await client.callTool({ name, arguments: { region: 'us-west1' } });
  },
};

const scene = scenes[scenario];
const start = startClient[revision];
if (!scene || !start) throw new Error(`There is no scene for ${scenario}, or no client of ${revision}.`);
const client = await start({
  command: process.execPath,
  args: [join(import.meta.dirname, '..', '..', 'dist', 'cli.js'), 'connect', url, '--debug'],
  env: process.env as Record<string, string>,
});
try {
  await scene(client);
} finally {
  await client.close();
}
console.log('played');
