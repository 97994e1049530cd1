import type { ExtensionContext } from 'vscode';

let known: ExtensionContext | undefined;

/** Remembers what the editor gave the suite's own extension. */
export function rememberContext(context: ExtensionContext): void {
  known = context;
}

/** The suite's own extension context. */
export function suiteContext(): ExtensionContext {
  if (!known) throw new Error('The suite is not activated.');
  return known;
}
