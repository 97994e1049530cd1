import * as vscode from 'vscode';

/**
 * The definition of a server that is started by a command (VS Code API, `McpStdioServerDefinition`): of that class, and in
 * an editor that does not have it, an object of the same shape.
 */
export function stdioDefinition(
  ...[label, command, args, env, version]: ConstructorParameters<typeof vscode.McpStdioServerDefinition>
): vscode.McpStdioServerDefinition {
  const { McpStdioServerDefinition: Definition } = vscode as Partial<
    Pick<typeof vscode, 'McpStdioServerDefinition'>
  >;
  if (Definition) return new Definition(label, command, args, env, version);
  return { label, command, args: args ?? [], env: env ?? {}, ...(version !== undefined && { version }) };
}
