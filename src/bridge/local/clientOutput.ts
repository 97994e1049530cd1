import type { RequestId } from '@modelcontextprotocol/server';
import { plainText } from '../../common/plainText.ts';
import { ownErrorCode } from '../../mcp/answer.ts';

/** What the client reads (MCP specification, "stdio"). @param onFull it must read before more is to be sent */
export function createClientOutput(onFull: () => void) {
  function write(line: Uint8Array | string): void {
    process.stdout.write(line);
    process.stdout.write('\n');
    if (process.stdout.writableNeedDrain) onFull();
  }
  return {
    write,
    say(message: object): void {
      write(JSON.stringify(message));
    },
    /** Answers a call with an error of ours. */
    fail(id: RequestId | null, message: string, code = ownErrorCode): void {
      write(errorLine(id, code, message));
    },
  };
}

/** The answer to a request that cannot have another one. */
export function errorLine(id: RequestId | null, code: number, message: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message: plainText(message) } });
}
