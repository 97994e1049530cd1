import * as vscode from 'vscode';
import type { CallbackRendezvous } from './callbackRendezvous.ts';

/** Where a browser comes back to, at the editor's own address. */
export const callbackPath = '/callback';

/** Receives every callback that the system gives this window, and passes it to whoever waits for it. */
export function registerCallbackHandler(rendezvous: CallbackRendezvous): vscode.Disposable {
  return vscode.window.registerUriHandler({
    async handleUri(uri) {
      if (uri.path !== callbackPath) return;
      if (await rendezvous.deliver(new URLSearchParams(uri.query))) return;
      void offerSignIn(
        vscode.l10n.t(
          'That sign-in is no longer waiting, and this changed nothing. If you are not signed in, start again from the Accounts menu.',
        ),
      );
    },
  });
}

/** Says it with a button that starts a sign-in. */
async function offerSignIn(text: string): Promise<void> {
  const signIn = vscode.l10n.t('Sign In');
  const answer = await vscode.window.showWarningMessage(text, signIn);
  if (answer === signIn) await vscode.commands.executeCommand('omnispindle.signIn');
}
