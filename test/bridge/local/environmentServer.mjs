// A stdio server as people have them: it reads its token once, at its start.
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const token = process.env.API_TOKEN ?? '';
const { exp, sub, scope } = JSON.parse(Buffer.from(token.split('.')[1] ?? 'e30', 'base64url').toString());
// Neither the end of its input nor SIGTERM is the end of such a server.
if (process.env.LINGERS) {
  setTimeout(() => process.exit(), 60_000);
  process.on('SIGTERM', () => undefined);
}
const server = new McpServer({ name: 'environment', version: '1.0.0' }, { capabilities: { logging: {} } });
let level = 'none';

// The claim has whole seconds, rounded down.
const goodUntil = (exp + 1) * 1_000;

const state = () => ({
  pid: process.pid,
  cwd: process.cwd(),
  sub: String(sub),
  scope,
  goodUntil,
  good: goodUntil > Date.now(),
  level,
  ours: Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /^(?:OMNISPINDLE|ELECTRON)_/i.test(name)),
  ),
  tenant: Object.fromEntries(
    Object.entries(process.env)
      .filter(([name]) => name.startsWith('AUTH0_'))
      .sort(),
  ),
  audience: process.env.AUTH0_AUDIENCE,
});
const answer = value => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });

const annotations = { readOnlyHint: true };
server.registerTool('state', { description: 'What the server knows.', annotations }, () => answer(state()));
server.registerTool(
  'work',
  {
    description: 'Says that it has begun, and works until that file is there.',
    inputSchema: { end: z.string() },
  },
  async ({ end }, { signal, _meta, sendNotification }) => {
    const begun = { progressToken: _meta.progressToken, progress: 1 };
    await sendNotification({ method: 'notifications/progress', params: begun });
    while (!existsSync(end) && !signal.aborted) await delay(20);
    return answer(state());
  },
);
server.registerTool('ask', { description: 'Asks the client for its roots.' }, async () =>
  answer(await server.server.listRoots(undefined, { timeout: 1_000 })),
);
server.registerTool('end', { description: 'Ends the process.' }, () => process.exit(3));
const { SetLevelRequestSchema } = await import('@modelcontextprotocol/sdk/types.js');
server.server.setRequestHandler(SetLevelRequestSchema, request => {
  level = request.params.level;
  return {};
});
await server.connect(new StdioServerTransport());
