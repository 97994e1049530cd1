import * as vscode from 'vscode';
import { beginAuthorization } from '../auth/authorizationRequest.ts';
import { unlessRefused } from '../auth/callbackCheck.ts';
import { isOmnispindleError } from '../common/errors.ts';
import type { Flow, Grant } from '../auth/flows/flow.ts';
import type { CallbackRendezvous } from './callbackRendezvous.ts';

const callbackPath = '/callback';

/**
 * Sign-in whose callback is the editor's own URI scheme (VS Code API, `window.registerUriHandler`).
 * On desktop the redirect URI is registered with Auth0 and must be exactly that one; a browser-hosted
 * editor's changes with every call, so there it serves only tenants that accept any.
 */
export function uriHandlerFlow(extensionId: string, rendezvous: CallbackRendezvous): Flow {
  return {
    name: 'uriHandler',
    async run({ tenant, audience, scopes, hints, expected, ui, signal }) {
      const callback = vscode.Uri.parse(`${vscode.env.uriScheme}://${extensionId}${callbackPath}`);
      const redirectUri =
        vscode.env.uiKind === vscode.UIKind.Web
          ? (await vscode.env.asExternalUri(callback)).toString(true)
          : callback.toString(true);
      const request = await beginAuthorization(tenant, { redirectUri, audience, scopes, hints, expected });
      const { promise: granted, resolve, reject } = Promise.withResolvers<Grant>();
      granted.catch(() => undefined);
      const waiting = await rendezvous.wait(request.state, query => {
        request.redeem(query).then(resolve, (error: unknown) => {
          if (!isOmnispindleError(error, 'invalid_callback')) reject(error);
        });
      });
      try {
        const open = () => ui.openBrowser(request.url);
        return await unlessRefused({ tenant, redirectUri, signal, open, granted });
      } finally {
        waiting.dispose();
      }
    },
  };
}

/** Receives every callback that the system gives this window, and passes it to whoever waits for it. */
export function registerCallbackHandler(rendezvous: CallbackRendezvous): vscode.Disposable {
  return vscode.window.registerUriHandler({
    async handleUri(uri) {
      if (uri.path !== callbackPath) return;
      if (await rendezvous.deliver(new URLSearchParams(uri.query))) return;
      void vscode.window.showWarningMessage(
        vscode.l10n.t('That sign-in is no longer waiting. Start it again from the Accounts menu.'),
      );
    },
  });
}
