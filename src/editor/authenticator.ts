import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import type { SignInUi } from '../auth/flows/flow.ts';
import type { FlowName } from '../auth/flows/names.ts';
import type { Log } from '../common/log.ts';
import { createCallbackRendezvous, type CallbackRendezvous } from './callbackRendezvous.ts';
import { late } from './late.ts';
import { lateAuthenticator } from './lateAuthenticator.ts';
import { watchLostSessions } from './watchLostSessions.ts';
import { flowSetting } from './settings.ts';

/** The editor's sessions, and the flows that it can run. */
export function createEditorAuthenticator(
  context: vscode.ExtensionContext,
  ui: SignInUi,
  log: Log,
): { authenticator: Authenticator; withCode: Authenticator; rendezvous: CallbackRendezvous } {
  const rendezvous = createCallbackRendezvous(join(context.globalStorageUri.fsPath, 'callbacks'), log);
  const store = late(async () => (await import('./sessionStore.ts')).openSessionStore(context, log));
  context.subscriptions.push(watchLostSessions({ context, store, log }));
  const build = (flow: () => FlowName | 'auto') =>
    lateAuthenticator(async () => {
      const { buildAuthenticator } = await import('./buildAuthenticator.ts');
      return buildAuthenticator({ context, ui, log, store: await store(), rendezvous, flow });
    });
  return { authenticator: build(flowSetting), withCode: build(() => 'deviceCode'), rendezvous };
}
