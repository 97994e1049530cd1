import { isObject } from './message.ts';

/** Hides tools by name; in a pattern `*` stands for any characters. */
export function ignoredTools(patterns: readonly string[]) {
  const all = patterns.map(pattern => pattern.toLowerCase().split('*'));
  const has = (name: string): boolean => {
    const lower = name.toLowerCase();
    return all.some(parts => matches(lower, parts));
  };
  return {
    any: patterns.length > 0,
    has,
    /** A `tools/list` result without them. */
    without(result: Record<string, unknown>): Record<string, unknown> {
      const { tools } = result;
      if (!Array.isArray(tools)) return result;
      const isHidden = (tool: unknown) =>
        isObject(tool) && typeof tool['name'] === 'string' && has(tool['name']);
      return { ...result, tools: tools.filter(tool => !isHidden(tool)) };
    },
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
