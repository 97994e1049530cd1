import * as vscode from 'vscode';
import { createAuthenticator, type Authenticator } from '../sessions/authenticator.ts';
import type { SignInUi } from '../auth/flows/flow.ts';
import type { FlowName } from '../auth/flows/names.ts';
import { createFlows } from '../auth/flows/table.ts';
import type { Log } from '../common/log.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import type { SignInEvent } from '../sessions/signInEvent.ts';
import { createSignIn } from '../sessions/signIn.ts';
import type { CallbackRendezvous } from './callbackRendezvous.ts';
import { signInLine } from './signInLine.ts';
import { notice } from './notice.ts';
import { callbackPortSetting, tenantSetting } from './settings.ts';
import { editorSurroundings } from './surroundings.ts';
import { uriHandlerFlow } from './uriHandlerFlow.ts';

/** What an editor's sessions need. */
export interface BuildOptions {
  readonly context: vscode.ExtensionContext;
  readonly ui: SignInUi;
  readonly log: Log;
  readonly store: SessionStore;
  readonly rendezvous: CallbackRendezvous;
  /** The flow that the person wants. */
  readonly flow: () => FlowName | 'auto';
}

/** Builds the authenticator of an editor, with the flows that it can run. */
export function buildAuthenticator({
  context,
  ui,
  log,
  store,
  rendezvous,
  flow,
}: BuildOptions): Authenticator {
  const flows = createFlows({
    port: callbackPortSetting,
    externalUri,
    uriHandler: uriHandlerFlow(context.extension.id, rendezvous),
  });
  return createAuthenticator({
    tenant: tenantSetting,
    store,
    directory: context.globalStorageUri.fsPath,
    log,
    signIn: createSignIn({
      flows,
      surroundings: () => editorSurroundings(context.extension),
      ui,
      log,
      flow,
    }),
    onProgress,
  });
}

/** In a browser-hosted editor the browser reaches our port only through the editor's forwarding. */
async function externalUri(localUri: string): Promise<string> {
  if (vscode.env.uiKind !== vscode.UIKind.Web) return localUri;
  return (await vscode.env.asExternalUri(vscode.Uri.parse(localUri))).toString(true);
}

/** How long (ms) the status bar shows what is new of a sign-in. */
const shownFor = 15_000;

function onProgress(event: SignInEvent): void {
  const line = signInLine(event);
  if (line === undefined) return;
  vscode.window.setStatusBarMessage(notice(line), shownFor);
  // A browser that opens by itself must be explained where the person looks.
  if (event.type === 'pass' && !event.elsewhere) void vscode.window.showInformationMessage(notice(line));
}
