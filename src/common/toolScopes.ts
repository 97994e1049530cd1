/** What a token must allow for the tools of a server of ours over HTTP, by what they do. */
export const toolScopes = ['omnispindle:read', 'omnispindle:write'] as const;
/** One of {@link toolScopes}. */
export type ToolScope = (typeof toolScopes)[number];
