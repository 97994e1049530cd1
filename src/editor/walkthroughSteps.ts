import * as vscode from 'vscode';
import type { BrokerHostOptions } from '../broker/host.ts';
import type { Provider } from './authenticationProvider.ts';
import { bundledServer } from './bundledServer.ts';
import { createSetContext } from './setContext.ts';

/** What has happened in this window, as the context keys of the walkthrough's steps in package.json name it. */
type Happened = 'serverStarted' | 'toolCalled' | 'severalAccounts';

/** Tells the walkthrough which of its steps are done. The editor itself keeps that they were. */
export interface WalkthroughSteps {
  /** The editor starts that server. */
  onServerStart(server: string): void;
  /**
   * Watches what gives servers their tokens: ours asks for them when one of its tools is called. At other times it asks
   * silently, as a team's does when it starts.
   * @param getToken what gives them
   */
  watchCalls(getToken: BrokerHostOptions['getToken']): BrokerHostOptions['getToken'];
  /** Watches for a second account, and for the page of walkthroughs. */
  watch(provider: Pick<Provider, 'onDidLook'>): vscode.Disposable;
}

/** Builds what sees that steps are done. The sign-in and servers of the person's own have keys that the menus need, too. */
export function createWalkthroughSteps(): WalkthroughSteps {
  const set = createSetContext();
  const tell = (happened: Happened) => {
    set(happened, true);
  };

  /**
   * The editor's page sees a key only when it becomes true while there is such a page (VS Code, GettingStartedService): so each
   * step has a second event, with a key that becomes true after the page has opened.
   */
  function lookAgain(): void {
    for (const value of [true, false]) set('walkthroughOpened', value);
  }

  return {
    onServerStart(server) {
      if (server === bundledServer) tell('serverStarted');
    },
    watchCalls: getToken => async (holder, request) => {
      const token = await getToken(holder, request);
      if (holder.server === bundledServer && !request.silent) {
        // An agent may have started it without this window.
        tell('serverStarted');
        tell('toolCalled');
      }
      return token;
    },
    watch(provider) {
      // Not every editor made of VS Code has it.
      const { tabGroups }: Partial<typeof vscode.window> = vscode.window;
      const watching = [
        provider.onDidLook(sessions => {
          if (sessions.length > 1) tell('severalAccounts');
        }),
        tabGroups?.onDidChangeTabs(({ opened, changed }) => {
          if ([...opened, ...changed].some(mayBeWalkthrough)) lookAgain();
        }),
      ];
      return vscode.Disposable.from(...watching.filter(each => each !== undefined));
    },
  };
}

/** Extensions are not told more of it. */
function mayBeWalkthrough({ input }: vscode.Tab): boolean {
  return input === undefined;
}
