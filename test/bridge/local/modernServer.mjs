// A stdio server of MCP's revision of July 2026 only, by the SDK.
import { inputRequired, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const text = value => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });

function create() {
  const server = new McpServer({ name: 'modern', version: '1.0.0' });
  server.registerTool('pid', { description: 'Says which process this is.' }, () => text(process.pid));
  server.registerTool('change', { description: 'Changes the list of tools.' }, () => {
    server.sendToolListChanged();
    return text('changed');
  });
  server.registerTool('ask', { description: 'Asks for a colour.' }, ({ mcpReq }) => {
    const answer = mcpReq.inputResponses?.colour;
    if (answer) return text(answer);
    const colour = inputRequired.elicit({
      message: 'Which colour?',
      requestedSchema: { type: 'object', properties: { colour: { type: 'string' } } },
    });
    return inputRequired({ inputRequests: { colour }, requestState: 'asked' });
  });
  return server;
}

serveStdio(create, { legacy: 'reject' });
