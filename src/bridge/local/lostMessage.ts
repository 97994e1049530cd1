import type { RequestId } from '@modelcontextprotocol/server';
import { idAtEitherEnd } from '../../mcp/lineReader.ts';
import { isId } from '../../mcp/message.ts';

/** How much (bytes) of either end of a line is looked at. */
const endLength = 1_024;
/** A method among the members before the first that is nested. */
const methodFirst = /^\s*\{[^{[]*"method"\s*:/;

/** What can be told of a message that could not be read, or was too long to be kept, from its beginning and its end. */
export function lostMessage(
  beginning: string,
  end: string,
): { readonly id?: RequestId; readonly asks: boolean } {
  const id = idAtEitherEnd(beginning, end);
  return { asks: methodFirst.test(beginning), ...(isId(id) && { id }) };
}

/** {@link lostMessage} of a line that could not be read. */
export function lostLine(line: Buffer): ReturnType<typeof lostMessage> {
  return lostMessage(line.toString('utf8', 0, endLength), line.toString('utf8', line.length - endLength));
}
