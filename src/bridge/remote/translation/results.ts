import type { Message } from '../../../mcp/message.ts';
import { isObject } from '../../../common/isObject.ts';
import { memberOf, membersOf, spliced } from '../../../mcp/jsonText.ts';
import { json, jsonObject, objectIn, partOf, withMembers, type Json } from './messageParts.ts';
import { metaKeys, rpcCodes } from '../../../mcp/names.ts';

/** Results that must say how long they hold (MCP specification 2026-07-28, "Cacheable Results"). */
const cacheable = [
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
];

/**
 * The answer of a legacy server, as a modern client takes it.
 * @param method what it answers
 */
export function forModernClient(message: Message, method: string, serverInfo: Json | undefined): Message {
  const { result, error } = message.content as { readonly result?: unknown; readonly error?: unknown };
  if (isObject(error)) {
    const isMissing = method === 'resources/read' && error['code'] === rpcCodes.resourceNotFound;
    return isMissing ? withMembers(message, ['error'], { code: json(rpcCodes.invalidParams) }) : message;
  }
  if (!isObject(result)) return message;
  const plain = method === 'tools/list' ? withEachTool(message, withoutExecution) : message;
  const { ttlMs, cacheScope } = result;
  const isKept = cacheable.includes(method);
  return withMembers(plain, ['result'], {
    resultType: json('complete'),
    ...(serverInfo && { _meta: named(plain, serverInfo) }),
    ...(isKept && !isDuration(ttlMs) && { ttlMs: json(0) }),
    ...(isKept && cacheScope !== 'public' && cacheScope !== 'private' && { cacheScope: json('private') }),
  });
}

/**
 * The answer of a modern server, as a legacy client takes it: there a result has an object as its structured content,
 * and so does a schema of it.
 * @param method what it answers
 */
export function forLegacyClient(message: Message, method: string): Message {
  const { result } = message.content as { readonly result?: unknown };
  if (!isObject(result)) return message;
  if (method === 'tools/list') return withEachTool(message, withoutOddOutput);
  const { structuredContent } = result;
  if (method !== 'tools/call' || structuredContent === undefined || isObject(structuredContent)) {
    return message;
  }
  const given = partOf(message, 'result', 'structuredContent') ?? json(structuredContent);
  return withMembers(message, ['result'], {
    structuredContent: { value: { result: given.value }, text: `{"result":${given.text}}` },
  });
}

/** The `_meta` of a result, with who has answered. */
function named(message: Message, serverInfo: Json): Json {
  const given = partOf(message, 'result', '_meta');
  if (!given || !isObject(given.value)) return jsonObject({ [metaKeys.serverInfo]: serverInfo });
  if (given.value[metaKeys.serverInfo] !== undefined) return given;
  const { text, content } = withMembers(
    { text: given.text, content: given.value as Message['content'] },
    [],
    {
      [metaKeys.serverInfo]: serverInfo,
    },
  );
  return { text, value: content };
}

type Tool = Readonly<Record<string, unknown>>;

/** Which members of a tool the other era has no place for. */
function withoutExecution(tool: Tool): readonly string[] {
  return 'execution' in tool ? ['execution'] : [];
}

function withoutOddOutput({ outputSchema }: Tool): readonly string[] {
  const isOdd = outputSchema !== undefined && objectIn(outputSchema)['type'] !== 'object';
  return isOdd ? ['outputSchema'] : [];
}

/** A list of tools, each without some of its members, and otherwise as it came. */
function withEachTool(message: Message, without: (tool: Tool) => readonly string[]): Message {
  const { text, content } = message;
  const { tools } = objectIn(content, 'result');
  const list = memberOf(text, 'tools', memberOf(text, 'result')?.start);
  if (!Array.isArray(tools) || !list) return message;
  const odd = tools.map((tool: unknown) => (isObject(tool) ? without(tool) : []));
  if (odd.every(names => names.length === 0)) return message;
  const texts = membersOf(text, list.start).map(({ start, end }, at) => {
    const tool = { text: text.slice(start, end), content: tools[at] as Message['content'] };
    const names = odd[at] ?? [];
    return names.length === 0
      ? tool
      : withMembers(tool, [], Object.fromEntries(names.map(name => [name, undefined])));
  });
  return withMembers({ text: spliced(text, list, '[]'), content }, ['result'], {
    tools: { text: `[${texts.map(tool => tool.text).join()}]`, value: texts.map(tool => tool.content) },
  });
}

function isDuration(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}
