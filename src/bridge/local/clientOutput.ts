import type { Writable } from 'node:stream';
import type { RequestId } from '@modelcontextprotocol/server';
import { plainText } from '../../common/plainText.ts';
import { rpcCodes } from '../../mcp/names.ts';

/** What {@link createClientOutput} builds. */
export type ClientOutput = ReturnType<typeof createClientOutput>;

/** What the client reads (MCP specification, "stdio"). @param onFull it must read before more is to be sent */
export function createClientOutput(stream: Writable, onFull: () => void) {
  function write(line: Uint8Array | string): void {
    stream.write(line);
    stream.write('\n');
    if (stream.writableNeedDrain) onFull();
  }
  return {
    write,
    say(message: object): void {
      write(JSON.stringify(message));
    },
    /** Answers a call with an error of ours. */
    fail(id: RequestId | null, message: string, code: number = rpcCodes.implementation): void {
      write(errorLine(id, code, message));
    },
  };
}

/** The answer to a request that cannot have another one. */
export function errorLine(id: RequestId | null, code: number, message: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message: plainText(message) } });
}
