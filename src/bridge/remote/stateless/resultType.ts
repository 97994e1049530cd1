import { memberOf, spliced } from '../../../mcp/jsonText.ts';
import { isObject } from '../../../common/isObject.ts';
import type { Message } from '../../../mcp/message.ts';

/**
 * An answer with the type of its result, which some servers leave out; it is `complete` then (MCP specification
 * 2026-07-28, "ResultType"), and clients refuse a result without one.
 */
export function withResultType(message: Message): Message {
  const { text, content } = message;
  const { result } = content as { readonly result?: unknown };
  if (!isObject(result) || 'resultType' in result) return message;
  const at = memberOf(text, 'result')?.start;
  if (at === undefined) return message;
  const typed = `"resultType":"complete"${Object.keys(result).length > 0 ? ',' : ''}`;
  return {
    content: { ...content, result: { ...result, resultType: 'complete' } },
    text: spliced(text, { start: at + 1, end: at + 1 }, typed),
  };
}
