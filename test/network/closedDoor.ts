import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A server whose queue of connections is full: the first packet of another one is dropped, and is sent again after 1 s. */
export interface ClosedDoor {
  readonly port: number;
  /** Lets everybody in. */
  open(): void;
  close(): Promise<void>;
}

/** Answers as an MCP server, and as a tenant, as far as the beginning of a session, and a check, need. */
const server = `
  const { createServer } = require('node:http');
  const { parentPort, workerData } = require('node:worker_threads');
  const answers = createServer((request, response) => {
    const domain = 'http://' + request.headers.host + '/';
    let body = '';
    request.on('data', chunk => (body += chunk)).on('end', () => {
      // A tenant is asked by a form, and an MCP server by JSON.
      const isForm = /^application\\/x-www-form-urlencoded/.test(request.headers['content-type'] ?? '');
      const { id } = body && !isForm ? JSON.parse(body) : {};
      const result = { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'slow', version: '1' } };
      const tenant = { issuer: domain, authorization_endpoint: domain + 'a', token_endpoint: domain + 't' };
      const refusal = { error: 'invalid_grant' };
      const said = request.method === 'GET' ? tenant : isForm ? refusal : { jsonrpc: '2.0', id, result };
      response.writeHead(isForm ? 400 : body && id === undefined ? 202 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(said));
    });
  });
  answers.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(answers.address().port);
    Atomics.wait(workerData, 0, 0);
  });
`;

/** Starts one, at 127.0.0.1, closed. */
export async function startClosedDoor(): Promise<ClosedDoor> {
  const isOpen = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(server, { eval: true, workerData: isOpen });
  const [port] = (await once(worker, 'message')) as [number];
  const waiting: Socket[] = [];
  for (let count = 0; count < 4; count++) {
    waiting.push(connect(port, '127.0.0.1').on('error', () => undefined));
  }
  // Two stand, which is what fits.
  await Promise.all(waiting.slice(0, 2).map(socket => once(socket, 'connect')));
  const door: ClosedDoor = {
    port,
    open() {
      for (const socket of waiting) socket.destroy();
      Atomics.store(isOpen, 0, 1);
      Atomics.notify(isOpen, 0);
    },
    async close() {
      door.open();
      await worker.terminate();
    },
  };
  return door;
}
