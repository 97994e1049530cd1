/** What a client asks for to learn what a server has (MCP specification, "Tools", "Prompts", "Resources"). */
export const lists = {
  'tools/list': { member: 'tools', of: 'tools' },
  'prompts/list': { member: 'prompts', of: 'prompts' },
  'resources/list': { member: 'resources', of: 'resources' },
  'resources/templates/list': { member: 'resourceTemplates', of: 'resources' },
} as const;

/** Most of a list (items) that is fetched or kept, and pages that it may come in. */
export const [mostItems, mostPages] = [2_000, 100];

/** A method that asks for one of them. */
export type ListMethod = keyof typeof lists;

/** What a list has, as the server sent it. */
export type Items = readonly unknown[];

/** Whether a request is for a list. */
export function isListMethod(method: string): method is ListMethod {
  return Object.hasOwn(lists, method);
}
