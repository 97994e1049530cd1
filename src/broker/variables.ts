/** In which an editor, or `run`, tells a server that it starts where its broker is. */
export const addressVariable = 'OMNISPINDLE_BROKER';
/** The key that the server shows to the broker. */
export const keyVariable = 'OMNISPINDLE_BROKER_KEY';
/** In which an editor tells a server, whoever starts it, what it is: a `ServerDefinition`. */
export const definitionVariable = 'OMNISPINDLE_SERVER';

/** How often an editor was to start that server again; nobody reads it. */
export const revisionVariable = 'OMNISPINDLE_REVISION';

/** In which an editor tells what it starts in which language its person reads, as `vscode.env.language` has it. */
export const localeVariable = 'OMNISPINDLE_LOCALE';

/** Whether an editor has started us, or an agent of its by what the editor says of its servers. */
export function isEditors(env: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(env[addressVariable] ?? env[definitionVariable]);
}
