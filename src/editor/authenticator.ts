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

/** What an editor signs in by. */
interface EditorAuthenticators {
  readonly authenticator: Authenticator;
  /** Signs in by a code, whatever the settings say. */
  readonly withCode: Authenticator;
  readonly rendezvous: CallbackRendezvous;
  /** Hears the id of a session that the tenant has ended, where this window is told. */
  readonly onDidEnd: vscode.Event<string>;
}

/** The editor's sessions, and the flows that it can run. */
export function createEditorAuthenticator(
  context: vscode.ExtensionContext,
  ui: SignInUi,
  log: Log,
): EditorAuthenticators {
  const rendezvous = createCallbackRendezvous(join(context.globalStorageUri.fsPath, 'callbacks'), log);
  const ended = new vscode.EventEmitter<string>();
  const store = late(async () => {
    const { openSessionStore } = await import('./sessionStore.ts');
    const opened = openSessionStore(context, log);
    return {
      ...opened,
      async remove(id: string) {
        ended.fire(id);
        await opened.remove(id);
      },
    };
  });
  context.subscriptions.push(ended, watchLostSessions({ context, store, log }));
  const build = (flow: () => FlowName | 'auto') =>
    lateAuthenticator(async () => {
      const { buildAuthenticator } = await import('./buildAuthenticator.ts');
      return buildAuthenticator({ context, ui, log, store: await store(), rendezvous, flow });
    });
  return {
    authenticator: build(flowSetting),
    withCode: build(() => 'deviceCode'),
    rendezvous,
    onDidEnd: ended.event,
  };
}
