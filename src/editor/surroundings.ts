import * as vscode from 'vscode';
import type { Surroundings } from '../auth/flows/flow.ts';

/** Where the editor runs, as far as it decides how people can sign in. */
export function editorSurroundings(): Surroundings {
  if (vscode.env.uiKind === vscode.UIKind.Web) {
    return {
      host: 'browser',
      browserReachesLoopback: false,
      reason: vscode.l10n.t(
        'An editor in a browser has no address a sign-in page may come back to: sign in with a code.',
      ),
    };
  }
  return vscode.env.remoteName
    ? { host: 'remote', browserReachesLoopback: false }
    : { host: 'desktop', browserReachesLoopback: true };
}
