import * as vscode from 'vscode';
import { isAuthError } from '../auth/errors.ts';
import type { Log } from '../auth/log.ts';

/** Tells the person what went wrong, with the way to mend it at hand; a cancellation needs no telling. */
export function showError(error: unknown, log: Log): void {
  const message = error instanceof Error ? error.message : String(error);
  log.error(message);
  if (isAuthError(error, 'cancelled')) return;
  const settings = vscode.l10n.t('Open Settings');
  const showLog = vscode.l10n.t('Show Log');
  const action = isAuthError(error, 'invalid_settings') ? settings : showLog;
  void vscode.window.showErrorMessage(message, action).then(choice => {
    if (choice === settings) {
      void vscode.commands.executeCommand('workbench.action.openSettings', '@ext:omnispindle.omnispindle');
    } else if (choice === showLog) {
      void vscode.commands.executeCommand('omnispindle.showLog');
    }
  });
}
