import * as vscode from 'vscode';
import { AuthError } from '../auth/authError.ts';
import type { BrowserWait, SignInUi } from '../auth/flows/flow.ts';
import type { Log } from '../common/log.ts';
import { notice } from './notice.ts';
import { openAddress } from './openAddress.ts';
import { otherTenantHost } from './settings.ts';

/** Invoked from the waiting notification's link; it is not in the command palette. */
const useCodeCommand = 'omnispindle.useCodeInstead';

/** Reaches the person in the editor: the browser, a notification that can be cancelled, a code to copy. */
export function createSignInUi(log: Log): SignInUi & vscode.Disposable {
  const waits = new Set<BrowserWait>();
  const command = vscode.commands.registerCommand(useCodeCommand, () => {
    for (const wait of waits) wait.useCode();
  });
  return {
    openBrowser(url) {
      logOtherTenant(log);
      return openAddress(url);
    },
    waiting(wait) {
      const { promise: over, resolve } = Promise.withResolvers<undefined>();
      waits.add(wait);
      void vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: waitingTitle(wait), cancellable: true },
        async (_progress, cancelled) => {
          cancelled.onCancellationRequested(wait.cancel);
          await over;
        },
      );
      return {
        dispose() {
          waits.delete(wait);
          resolve(undefined);
        },
      };
    },
    async showDeviceCode({ userCode, verificationUri, verificationUriComplete }) {
      logOtherTenant(log);
      const copyAndOpen = vscode.l10n.t('Copy & Open');
      const choice = await vscode.window.showInformationMessage(
        vscode.l10n.t('Your code: {0}', userCode),
        {
          modal: true,
          detail: vscode.l10n.t('Copy it, open {0} in any browser, and enter it there.', verificationUri),
        },
        copyAndOpen,
      );
      if (choice !== copyAndOpen) {
        throw new AuthError(
          'cancelled',
          vscode.l10n.t('The sign-in was cancelled. Start it again when you are ready.'),
        );
      }
      await vscode.env.clipboard.writeText(userCode);
      await openAddress(verificationUriComplete ?? verificationUri);
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

function waitingTitle({ flow }: BrowserWait): string {
  const host = otherTenantHost();
  if (flow === 'deviceCode') {
    return host === undefined
      ? vscode.l10n.t('Waiting for you to enter the code in the browser…')
      : vscode.l10n.t('Waiting for you to enter the code in the browser, at {0}…', notice(host));
  }
  const link = `command:${useCodeCommand}`;
  return host === undefined
    ? vscode.l10n.t(
        'Waiting for you to sign in in the browser… [Having trouble? Use a code instead]({0})',
        link,
      )
    : vscode.l10n.t(
        'Waiting for you to sign in in the browser, at {0}… [Having trouble? Use a code instead]({1})',
        notice(host),
        link,
      );
}
