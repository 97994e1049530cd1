// An MCP server that calls an API as the person who uses it. Its token is asked for at each call, and never stale:
//
//   npx omnispindle run --variable NOTES_TOKEN --audience https://notes.example.com/ --scope notes:read -- \
//     node server.mjs
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { getToken } from 'omnispindle/server';

const api = process.env.NOTES_API ?? 'https://notes.example.com/';

function createServer() {
  const server = new McpServer({ name: 'notes', version: '1.0.0' });
  server.registerTool('list_notes', { description: 'Lists your notes.' }, async ({ mcpReq: { signal } }) => {
    const call = token => fetch(api, { headers: { authorization: `Bearer ${token}` }, signal });
    const token = await getToken({ signal });
    let answer = await call(token);
    // A token can be withdrawn before its time: another one, once.
    if (answer.status === 401) answer = await call(await getToken({ signal, rejected: token }));
    return { content: [{ type: 'text', text: await answer.text() }], isError: !answer.ok };
  });
  return server;
}

serveStdio(createServer);
