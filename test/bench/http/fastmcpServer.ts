import { FastMCP } from 'fastmcp';
import { JWKSVerifier } from 'fastmcp/auth';
import { z } from 'zod';
import { keySetPath } from '../../../src/auth/keySetPath.ts';
import { openDirectoryStore } from '../../../src/store/directoryStore.ts';
import { freePort } from '../../freePort.ts';
import { benchServer } from './settings.ts';

// The same call of the same store as ours, as FastMCP's documentation has it: without sessions, its own check of JWTs.
const { tenant, audience, directory } = benchServer();
const store = await openDirectoryStore(directory);
const verifier = new JWKSVerifier({
  jwksUri: new URL(keySetPath, tenant.issuer).href,
  issuer: tenant.issuer,
  audience,
});

const server = new FastMCP<{ readonly sub: string }>({
  name: 'fastmcp',
  version: '1.0.0',
  async authenticate(request) {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const { valid, claims } = await verifier.verify(token);
    if (!valid || typeof claims?.sub !== 'string') throw new Response('Unauthorized', { status: 401 });
    return { sub: claims.sub };
  },
});
server.addTool({
  name: 'get_todo',
  description: 'Reads a todo.',
  parameters: z.object({ todo_id: z.string() }),
  async execute({ todo_id: id }, { session }) {
    const todo = await store.of({ issuer: tenant.issuer, sub: session?.sub ?? '' }).getTodo(id);
    if (!todo) throw new Error('There is none.');
    return JSON.stringify(todo);
  },
});
const port = await freePort();
await server.start({
  transportType: 'httpStream',
  httpStream: { port, host: '127.0.0.1', stateless: true, enableJsonResponse: true },
});
process.stdout.write(`http://127.0.0.1:${String(port)}/mcp\n`);
