import { join } from 'node:path';
import * as vscode from 'vscode';
import { createAuthenticator, type Authenticator } from '../sessions/authenticator.ts';
import type { SignInUi } from '../auth/flows/flow.ts';
import { createFlows, type FlowName } from '../auth/flows/table.ts';
import type { Log } from '../common/log.ts';
import type { SignInEvent } from '../sessions/signInEvent.ts';
import { createSignIn } from '../sessions/signIn.ts';
import { createCallbackRendezvous, type CallbackRendezvous } from './callbackRendezvous.ts';
import { watchLostSessions } from './lostSessions.ts';
import { signInLine } from './signInLine.ts';
import { notice } from './notice.ts';
import { openSessionStore } from './sessionStore.ts';
import { callbackPortSetting, flowSetting, tenantSetting } from './settings.ts';
import { editorSurroundings } from './surroundings.ts';
import { uriHandlerFlow } from './uriHandlerFlow.ts';

/** The editor's sessions, and the flows that it can run. */
export function createEditorAuthenticator(
  context: vscode.ExtensionContext,
  ui: SignInUi,
  log: Log,
): { authenticator: Authenticator; withCode: Authenticator; rendezvous: CallbackRendezvous } {
  const directory = context.globalStorageUri.fsPath;
  const rendezvous = createCallbackRendezvous(join(directory, 'callbacks'), log);
  const store = openSessionStore(context, log);
  context.subscriptions.push(watchLostSessions({ context, store, log }));
  const flows = createFlows({
    port: callbackPortSetting,
    externalUri,
    uriHandler: uriHandlerFlow(context.extension.id, rendezvous),
  });
  const build = (flow: () => FlowName | 'auto') =>
    createAuthenticator({
      tenant: tenantSetting,
      store,
      directory,
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
  return { authenticator: build(flowSetting), withCode: build(() => 'deviceCode'), rendezvous };
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
