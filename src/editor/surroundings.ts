import * as vscode from 'vscode';
import type { Surroundings } from '../auth/flows/flow.ts';

/**
 * Where this extension runs, as far as it decides how people can sign in. A window that is connected to another
 * machine says nothing of that: its extensions may run on this one (VS Code API, `Extension.extensionKind`).
 */
export function editorSurroundings({ extensionKind }: vscode.Extension<unknown>): Surroundings {
  if (vscode.env.uiKind === vscode.UIKind.Web) {
    return {
      host: 'browser',
      browserReachesLoopback: false,
      reason: vscode.l10n.t(
        'An editor in a browser has no address a sign-in page may come back to: sign in with a code.',
      ),
    };
  }
  return extensionKind === vscode.ExtensionKind.Workspace
    ? { host: 'remote', browserReachesLoopback: false }
    : { host: 'desktop', browserReachesLoopback: true };
}
