import { parseJSONRPCMessage, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/server';
import { hearClientName } from './clientName.ts';
import { rpcCodes } from './names.ts';

/** Bytes of a client's message; there is none after a longer one. */
const longestMessage = 10 * 1024 * 1024;

/**
 * The client's end of the pipes (MCP specification, "stdio"). Unlike the SDK's own it answers a request that
 * is not quite one: its caller would wait for ever. It closes where a message is too long.
 */
export function createStdioTransport(): Transport {
  let parts: Buffer[] = [];
  let length = 0;

  const transport: Transport = {
    async start() {
      process.stdin.on('data', hear).on('error', failed);
    },
    send: message => write(message),
    async close() {
      process.stdin.off('data', hear).off('error', failed).pause();
      parts = [];
      transport.onclose?.();
    },
  };
  return transport;

  function failed(error: unknown): void {
    transport.onerror?.(error instanceof Error ? error : new Error(String(error)));
  }

  function hear(chunk: Buffer): void {
    let start = 0;
    for (let end; (end = chunk.indexOf('\n', start)) >= 0; start = end + 1) {
      if (!keep(chunk.subarray(start, end))) return;
      const line = Buffer.concat(parts).toString();
      parts = [];
      length = 0;
      read(line);
    }
    keep(chunk.subarray(start));
  }

  /** Keeps a part of a message. @returns whether the message is not too long by now */
  function keep(part: Buffer): boolean {
    parts.push(part);
    length += part.length;
    if (length <= longestMessage) return true;
    failed(new Error(`A message has more than ${String(longestMessage)} bytes.`));
    void transport.close();
    return false;
  }

  function read(line: string): void {
    if (line.trim() === '') return;
    hearClientName(line);
    try {
      const parsed: unknown = JSON.parse(line.replace(/^\ufeff/, ''));
      // A batch, as MCP's revision of March 2025 had it.
      for (const part of Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) pass(part);
    } catch (error) {
      failed(error);
    }
  }

  function pass(content: unknown): void {
    let message: JSONRPCMessage;
    try {
      message = parseJSONRPCMessage(content);
    } catch (error) {
      failed(error);
      refuse(content);
      return;
    }
    transport.onmessage?.(message);
  }

  function refuse(content: unknown): void {
    const { id, method } = (content ?? {}) as Record<string, unknown>;
    if (typeof method !== 'string' || (typeof id !== 'string' && typeof id !== 'number')) return;
    const message = 'This is not a request of MCP: correct its id, its params or their _meta.';
    void write({ jsonrpc: '2.0', id, error: { code: rpcCodes.invalidRequest, message } });
  }
}

/** Writes a message, and waits while the client reads slowly. */
function write(message: JSONRPCMessage): Promise<void> {
  return new Promise(resolve => {
    if (process.stdout.write(`${JSON.stringify(message)}\n`)) resolve();
    else process.stdout.once('drain', resolve);
  });
}
