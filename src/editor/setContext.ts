import * as vscode from 'vscode';

/** Sets a key of ours by its name after `omnispindle.`. */
export type SetContext = (name: string, value: boolean) => void;

/**
 * Makes what sets keys that package.json shows and hides by (VS Code, "when clause contexts"). It bothers the editor only
 * with changes.
 */
export function createSetContext(): SetContext {
  const values = new Map<string, boolean>();
  return (name, value) => {
    if (values.get(name) === value) return;
    values.set(name, value);
    void vscode.commands.executeCommand('setContext', `omnispindle.${name}`, value);
  };
}
