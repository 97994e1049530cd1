import type { Writable } from 'node:stream';
import type { RequestId } from '@modelcontextprotocol/server';
import { plainText } from '../../common/plainText.ts';
import { rpcCodes } from '../../mcp/names.ts';
import type { LineMessage } from './lineMessage.ts';

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
    /** Passes a message of the server on as it came. */
    pass({ line }: Pick<LineMessage, 'line'>): void {
      write(line);
    },
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
export function errorMessage(id: RequestId | null, message: string, code: number = rpcCodes.implementation) {
  return { jsonrpc: '2.0' as const, id, error: { code, message: plainText(message) } };
}

/** {@link errorMessage} as a line. */
export function errorLine(id: RequestId | null, code: number, message: string): string {
  return JSON.stringify(errorMessage(id, message, code));
}
