/** Hides tools by name; in a pattern `*` stands for any characters. */
export function ignoredTools(patterns: readonly string[]) {
  const expressions = patterns.map(pattern => {
    const literal = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${literal.replaceAll('*', '.*')}$`, 'i');
  });
  const has = (name: string): boolean => expressions.some(expression => expression.test(name));
  return {
    any: expressions.length > 0,
    has,
    /** A `tools/list` result without them. */
    without(result: Record<string, unknown>): Record<string, unknown> {
      const { tools } = result;
      if (!Array.isArray(tools)) return result;
      return { ...result, tools: tools.filter((tool: { name?: unknown }) => !has(String(tool.name))) };
    },
  };
}
