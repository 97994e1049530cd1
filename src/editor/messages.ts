import * as vscode from 'vscode';
import { isRefusedInBrowser } from '../auth/refusedInBrowser.ts';
import { isOmnispindleError, messageOf, type ErrorCode } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { DeclinedError } from './declined.ts';
import { notice } from './notice.ts';

/** What the person has brought about, or was told of by a question already. */
const known: readonly ErrorCode[] = ['cancelled', 'account_mismatch'];

/** What was told already: the same error may come by more than one way. */
const told = new WeakSet<Error>();

/** Tells the person what went wrong, with a button that helps, and once; of what they did themselves the log alone. */
export function showError(error: unknown, log: Log): void {
  if (error instanceof Error) {
    if (told.has(error)) return;
    told.add(error);
  }
  const message = messageOf(error);
  if (isOwnDoing(error)) {
    log.info(message);
    return;
  }
  log.error(message);
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

function isOwnDoing(error: unknown): boolean {
  if (error instanceof DeclinedError || isRefusedInBrowser(error)) return true;
  return isOmnispindleError(error) && known.includes(error.code);
}

function openSettings(): void {
  void vscode.commands.executeCommand('workbench.action.openSettings', '@ext:omnispindle.omnispindle');
}
