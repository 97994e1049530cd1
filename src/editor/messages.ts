import * as vscode from 'vscode';
import { isOmnispindleError, messageOf, type ErrorCode } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { notice } from './notice.ts';

/** What the person has brought about, or was told of by a question already. */
const known: readonly ErrorCode[] = ['cancelled', 'account_mismatch'];

/** Tells the person what went wrong, with a button that helps; a cancellation is not reported. */
export function showError(error: unknown, log: Log): void {
  const message = messageOf(error);
  log.error(message);
  if (isOmnispindleError(error) && known.includes(error.code)) return;
  const settings = vscode.l10n.t('Open Settings');
  const showLog = vscode.l10n.t('Show Log');
  const action = isOmnispindleError(error, 'invalid_settings') ? settings : showLog;
  void vscode.window.showErrorMessage(notice(message), action).then(choice => {
    if (choice === settings) {
      openSettings();
    } else if (choice === showLog) {
      void vscode.commands.executeCommand('omnispindle.showLog');
    }
  });
}

function openSettings(): void {
  void vscode.commands.executeCommand('workbench.action.openSettings', '@ext:omnispindle.omnispindle');
}
