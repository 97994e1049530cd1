import * as vscode from 'vscode';
import type { BrowserWait, WaitSign } from '../auth/flows/flow.ts';
import { openAddress } from './openAddress.ts';
import { waitingWords, type WaitAction, type WaitState } from './waitingWords.ts';

/** How a notification of a sign-in that waits is shown. */
export interface WaitingNoticeOptions {
  readonly host: string | undefined;
  readonly isOpened: boolean;
  /** After how long (ms) without an answer other flows are offered. */
  readonly offerAfter: number;
  /** The address of a link that brings that action here. */
  readonly address: (action: WaitAction) => string;
}

/** The one notification of a sign-in that waits; it changes with what happens. */
export interface WaitingNotice extends WaitSign {
  /** Does what a link says. */
  act(action: unknown): Promise<void>;
}

/** How long (ms) the status bar says that something was copied. */
const copiedFor = 5_000;

/** Shows that a sign-in waits, with a button that cancels it, until it is disposed of. */
export function createWaitingNotice(wait: BrowserWait, options: WaitingNoticeOptions): WaitingNotice {
  const { host, offerAfter, address } = options;
  let state: Omit<WaitState, 'others'> = { ...wait, host, isOpened: options.isOpened, isLate: false };
  let isOver = false;
  let close = show();

  function show(): () => void {
    const { promise: over, resolve } = Promise.withResolvers<undefined>();
    const title = waitingWords(
      { ...state, others: wait.others() },
      (text, action) => `[${text}](${address(action)})`,
    );
    void vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (_progress, cancelled) => {
        cancelled.onCancellationRequested(wait.cancel);
        await over;
      },
    );
    return () => {
      resolve(undefined);
    };
  }

  /** A new notification is seen also by who has hidden the last one. */
  function change(news: Partial<typeof state> = {}): void {
    if (isOver) return;
    state = { ...state, ...news };
    close();
    close = show();
  }

  const offer = setTimeout(() => {
    if (wait.others().length > 0) change({ isLate: true });
  }, offerAfter);

  async function copy(text: string): Promise<void> {
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage(vscode.l10n.t('Copied.'), copiedFor);
  }

  const actions: Record<WaitAction, () => unknown> = {
    copyCode: () => wait.code && copy(wait.code.userCode),
    copyAddress: () => copy(wait.url),
    openPage: open,
    tryAgain: open,
    uriHandler: () => tryBeside('uriHandler'),
    loopback: () => tryBeside('loopback'),
    deviceCode: () => tryBeside('deviceCode'),
  };

  async function open(): Promise<void> {
    const isOpened = await openAddress(wait.url);
    if (isOpened !== state.isOpened || !isOpened) change({ isOpened });
  }

  function tryBeside(flow: 'uriHandler' | 'loopback' | 'deviceCode'): void {
    wait.alsoTry(flow);
    change({ givenUp: undefined });
  }

  return {
    async act(action) {
      if (!isOver && Object.hasOwn(actions, String(action))) await actions[action as WaitAction]();
    },
    notOpened: () => {
      change({ isOpened: false });
    },
    givenUp: reason => {
      change({ givenUp: reason });
    },
    dispose() {
      isOver = true;
      clearTimeout(offer);
      close();
    },
  };
}
