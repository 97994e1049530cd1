import { memberOf, membersOf, spliced } from '../../mcp/jsonText.ts';
import { isObject } from '../../common/isObject.ts';
import type { Message } from '../../mcp/message.ts';

/** Hides tools by name; in a pattern `*` stands for any characters. */
export function createIgnoredTools(patterns: readonly string[]) {
  const all = patterns.map(pattern => pattern.toLowerCase().split('*'));
  const has = (name: string): boolean => {
    const lower = name.toLowerCase();
    return all.some(parts => matches(lower, parts));
  };
  return {
    any: patterns.length > 0,
    has,
    /** An answer to `tools/list` without them, and otherwise as it came. */
    without: (message: Message): Message =>
      withoutTools(message, tool => isObject(tool) && typeof tool['name'] === 'string' && has(tool['name'])),
  };
}

/** An answer to `tools/list` without the tools that are to be hidden, and otherwise as it came. */
export function withoutTools(message: Message, isHidden: (tool: unknown) => boolean): Message {
  const { text, content } = message;
  const { result } = content as { readonly result?: unknown };
  if (!isObject(result)) return message;
  const { tools } = result as { readonly tools?: unknown };
  if (!Array.isArray(tools) || !tools.some(isHidden)) return message;
  const list = memberOf(text, 'tools', memberOf(text, 'result')?.start);
  if (!list) return message;
  const shown = membersOf(text, list.start)
    .filter((_, at) => !isHidden(tools[at]))
    .map(({ start, end }) => text.slice(start, end));
  return {
    content: {
      ...content,
      result: { ...result, tools: tools.filter(tool => !isHidden(tool)) },
    },
    text: spliced(text, list, `[${shown.join()}]`),
  };
}

/** Whether the name is those parts with anything between them. The server chooses names: it must not take long. */
function matches(name: string, [first = '', ...others]: readonly string[]): boolean {
  const last = others.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
