import { styleText } from 'node:util';
import * as l10n from '@vscode/l10n';
import { plainLine } from '../../../common/plainText.ts';
import type { OnProgress, SignInEvent } from '../../../sessions/signInEvent.ts';
import { openBrowser } from '../../browser.ts';
import { sayOnStderr } from '../../sayOnStderr.ts';
import { sayProgress } from '../../sayProgress.ts';

/** After how long (ms) a person who has not come back may want the address. */
const quietFor = 8_000;

/** The terminal of a sign-in, and how a page is opened from there. */
export interface TellOptions {
  readonly input?: NodeJS.ReadStream;
  readonly open?: (url: string) => Promise<boolean>;
  /** How long (ms) the address of a page that was opened is not shown. */
  readonly quiet?: number;
}

/**
 * Tells a person at a terminal what a sign-in waits for: the address only where they need it, and a code so that it
 * cannot be overlooked, with Enter to open its page.
 */
export function tellPerson({
  input = process.stdin,
  open = openBrowser,
  quiet = quietFor,
}: TellOptions = {}): {
  readonly onProgress: OnProgress;
  /** Stops waiting for the person. */
  stop(): void;
} {
  let timer: NodeJS.Timeout | undefined;
  let onEnter: (() => void) | undefined;

  function stop(): void {
    clearTimeout(timer);
    if (!onEnter) return;
    input.off('data', onEnter);
    onEnter = undefined;
    // It would keep the process alive.
    input.pause();
  }

  function showCode({ userCode, verificationUri, verificationUriComplete }: CodeEvent): void {
    const code = plainLine(userCode, 64);
    const shown = process.stderr.isTTY ? styleText('bold', code, { stream: process.stderr }) : code;
    process.stderr.write(`${l10n.t('Your code: {0}', shown)}\n`);
    if (!input.isTTY) {
      sayOnStderr(l10n.t('Open {0} in any browser and enter it there.', verificationUri));
      return;
    }
    sayOnStderr(l10n.t('Press Enter to open {0} here, or open it in any other browser.', verificationUri));
    onEnter = () => {
      void open(verificationUriComplete ?? verificationUri).then(isOpen => {
        if (!isOpen) sayOnStderr(l10n.t('No browser could be opened here. Open the address yourself.'));
      });
    };
    input.once('data', onEnter);
  }

  return {
    stop,
    onProgress(event) {
      stop();
      if (event.type === 'browser' && event.opened) {
        if (event.notice !== undefined) sayOnStderr(event.notice);
        sayOnStderr(l10n.t('Your browser was opened to sign in.'));
        timer = setTimeout(sayProgress, quiet, event);
        timer.unref();
      } else if (event.type === 'deviceCode' && !event.elsewhere) {
        if (event.notice !== undefined) sayOnStderr(event.notice);
        showCode(event);
      } else {
        sayProgress(event);
      }
    },
  };
}

type CodeEvent = Extract<SignInEvent, { type: 'deviceCode' }>;
