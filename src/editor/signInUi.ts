import * as vscode from 'vscode';
import { AuthError } from '../auth/authError.ts';
import type { DeviceCode, SignInUi } from '../auth/flows/flow.ts';
import type { Log } from '../common/log.ts';
import { copy } from './copy.ts';
import { notice } from './notice.ts';
import { openAddress } from './openAddress.ts';
import { showProgress } from './progressNotice.ts';
import { otherTenantHost, tenantHost } from './settings.ts';
import { createWaitingNotice, type WaitingNotice } from './waitingNotice.ts';

/** Invoked from the links of waiting notifications; it is not in the command palette. */
const choiceCommand = 'omnispindle.signInChoice';
/** After how long (ms) without an answer from the browser other flows are offered. */
const usualOffer = 60_000;
/** How long (ms) a tenant may take before it is said that it is asked. */
const unnoticed = 1_000;

/** Reaches the person in the editor: the browser, a notification that can be cancelled, a code to copy. */
export function createSignInUi(log: Log, offerAfter: number = usualOffer): SignInUi & vscode.Disposable {
  const notices = new Map<number, WaitingNotice>();
  /** The codes whose page could not be opened. */
  const unopened = new WeakSet<DeviceCode>();
  let count = 0;
  const command = vscode.commands.registerCommand(choiceCommand, (id: number, action: unknown) =>
    notices.get(id)?.act(action),
  );
  return {
    openBrowser(url) {
      logOtherTenant(log);
      return openAddress(url);
    },
    preparing(cancel) {
      const title = vscode.l10n.t('Asking {0} for the sign-in page…', notice(tenantHost()));
      let shown: vscode.Disposable | undefined;
      const timer = setTimeout(() => {
        shown = showProgress(title, cancel);
      }, unnoticed);
      return {
        dispose() {
          clearTimeout(timer);
          shown?.dispose();
        },
      };
    },
    waiting(wait) {
      const id = ++count;
      const created = createWaitingNotice(wait, {
        host: otherTenantHost(),
        isOpened: !(wait.code && unopened.has(wait.code)),
        offerAfter,
        address: action => `command:${choiceCommand}?${encodeURIComponent(JSON.stringify([id, action]))}`,
      });
      notices.set(id, created);
      return {
        ...created,
        dispose() {
          notices.delete(id);
          created.dispose();
        },
      };
    },
    async showDeviceCode(code, signal, limits) {
      const { userCode, verificationUri, verificationUriComplete } = code;
      logOtherTenant(log);
      const copyAndOpen = vscode.l10n.t('Copy & Open');
      const choice = await vscode.window.showInformationMessage(
        vscode.l10n.t('Your code: {0}', userCode),
        {
          modal: true,
          detail: [
            vscode.l10n.t('Copy it, open {0} in any browser, and enter it there.', verificationUri),
            // The status bar has room for its beginning only.
            ...(limits === undefined ? [] : [limits]),
          ].join('\n\n'),
        },
        copyAndOpen,
      );
      if (choice !== copyAndOpen) {
        throw new AuthError(
          'cancelled',
          vscode.l10n.t('The sign-in was cancelled. Start it again when you are ready.'),
        );
      }
      // The dialog may have been open for longer than the code counts.
      signal.throwIfAborted();
      await copy(userCode);
      if (!(await openAddress(verificationUriComplete ?? verificationUri))) unopened.add(code);
    },
    dispose: () => {
      command.dispose();
    },
  };
}

/** Whose settings they are, the person may have forgotten, or not know. */
function logOtherTenant(log: Log): void {
  const host = otherTenantHost();
  if (host === undefined) return;
  log.info(`The settings omnispindle.auth0 are not Omnispindle's own: people sign in at ${host}.`);
}
