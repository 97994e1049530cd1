import type * as vscode from 'vscode';
import type { BrowserWait, WaitSign } from '../auth/flows/flow.ts';
import { copy } from './copy.ts';
import { openAddress } from './openAddress.ts';
import { showProgress } from './progressNotice.ts';
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

/** Shows that a sign-in waits, with a button that cancels it, until it is disposed of. */
export function createWaitingNotice(wait: BrowserWait, options: WaitingNoticeOptions): WaitingNotice {
  const { host, offerAfter, address } = options;
  let state: Omit<WaitState, 'others'> = { ...wait, host, isOpened: options.isOpened, isLate: false };
  let isOver = false;
  let shown = show();

  function show(): vscode.Disposable {
    const title = waitingWords(
      { ...state, others: wait.others() },
      (text, action) => `[${text}](${address(action)})`,
    );
    return showProgress(title, wait.cancel);
  }

  /** A new notification is seen also by who has hidden the last one. */
  function change(news: Partial<typeof state> = {}): void {
    if (isOver) return;
    state = { ...state, ...news };
    shown.dispose();
    shown = show();
  }

  const offer = setTimeout(() => {
    if (wait.others().length > 0) change({ isLate: true });
  }, offerAfter);

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
      shown.dispose();
    },
  };
}
