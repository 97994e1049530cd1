import { join } from 'node:path';
import * as vscode from 'vscode';
import { createFileStore } from '../sessions/fileStore.ts';
import type { Log } from '../common/log.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { withKeptMark } from './keptMark.ts';
import { createSecretSessionStore } from './secretSessionStore.ts';

/**
 * Where this editor keeps sessions: SecretStorage, which a desktop's windows share.
 *
 * In a browser-hosted editor SecretStorage is a copy of the browser's local storage that each window reads
 * once and writes back whole (VS Code, LocalStorageSecretStorageProvider): windows would not see each
 * other's sign-ins and would undo each other's renewals, ending sessions. There, files that only the user
 * of the extension host can read are the safe place.
 */
export function openSessionStore(context: vscode.ExtensionContext, log: Log): SessionStore {
  return vscode.env.uiKind === vscode.UIKind.Web
    ? createFileStore(join(context.globalStorageUri.fsPath, 'sessions'), log)
    : withKeptMark(createSecretSessionStore(context.secrets, log), context.globalState);
}
