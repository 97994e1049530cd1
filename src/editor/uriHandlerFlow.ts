import * as vscode from 'vscode';
import { AuthError } from '../auth/authError.ts';
import { beginAuthorization } from '../auth/authorizationRequest.ts';
import { unlessRefused } from '../auth/callbackCheck.ts';
import { isOmnispindleError } from '../common/errors.ts';
import { unlessAborted } from '../common/unlessAborted.ts';
import type { Flow, Grant } from '../auth/flows/flow.ts';
import { callbackPath } from './callbackHandler.ts';
import type { CallbackRendezvous } from './callbackRendezvous.ts';

/** How long (ms) the editor may take to say which window this is. */
const windowLimit = 2_000;

/**
 * Sign-in whose callback is the editor's own URI scheme (VS Code API, `window.registerUriHandler`).
 * On desktop the redirect URI is registered with Auth0 and must be exactly that one; a browser-hosted
 * editor's changes with every call, so there it serves only tenants that accept any.
 */
export function uriHandlerFlow(extensionId: string, rendezvous: CallbackRendezvous): Flow {
  return {
    name: 'uriHandler',
    async run({ tenant, audience, scopes, hints, expected, ui, signal }) {
      if (!vscode.env.uriScheme) throw noAddress();
      const callback = vscode.Uri.parse(`${vscode.env.uriScheme}://${extensionId}${callbackPath}`);
      const isWeb = vscode.env.uiKind === vscode.UIKind.Web;
      const redirectUri = (isWeb ? await vscode.env.asExternalUri(callback) : callback).toString(true);
      const routing = isWeb ? undefined : await windowOf(callback, signal);
      const asked = { redirectUri, audience, scopes, hints, expected, routing };
      const request = await beginAuthorization(tenant, asked);
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

/**
 * What leads a callback to this window: the editor looks for it anywhere in the query (VS Code, URLHandlerRouter), and
 * without it gives the callback to the window that has the focus, which may be one without this extension. Undefined
 * where the editor does not say it.
 */
async function windowOf(callback: vscode.Uri, signal: AbortSignal): Promise<string | undefined> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(windowLimit)]);
  const ask = async () => vscode.env.asExternalUri(callback);
  const external = await unlessAborted(ask(), inTime).catch(() => undefined);
  return /\bwindowId=\d{1,16}(?!\d)/.exec(external?.query ?? '')?.[0];
}

function noAddress(): AuthError {
  return new AuthError(
    'flow_unavailable',
    vscode.l10n.t('This editor has no address of its own that a browser could come back to.'),
  );
}
