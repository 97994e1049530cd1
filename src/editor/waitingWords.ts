import * as l10n from '@vscode/l10n';
import type { BrowserWait } from '../auth/flows/flow.ts';
import type { FlowName } from '../auth/flows/names.ts';
import { plainLine } from '../common/plainText.ts';
import { notice } from './notice.ts';

/** What a person can do from the notification of a sign-in that waits. */
export type WaitAction = 'copyCode' | 'openPage' | 'copyAddress' | 'tryAgain' | FlowName;

/** How it stands with a sign-in that waits. */
export interface WaitState extends Pick<BrowserWait, 'flow' | 'url' | 'code'> {
  /** The tenant's host, where it is not Omnispindle's own. */
  readonly host?: string | undefined;
  /** False where no browser could be opened. */
  readonly isOpened: boolean;
  /** Whether the browser takes so long that it may not come back at all. */
  readonly isLate: boolean;
  /** Why another flow, which was tried beside this one, was given up. */
  readonly givenUp?: string | undefined;
  /** What can be tried beside it. */
  readonly others: readonly FlowName[];
}

/** Longest text of a notification (UTF-16 units) that the editor does not cut off (VS Code, NotificationViewItem). */
const longestNotice = 1_000;

/**
 * The text of the notification while a sign-in waits, with links to what can be done. What comes from outside is plain
 * in it, and cannot make links of its own.
 * @param link a link with that text
 */
export function waitingWords(state: WaitState, link: (text: string, action: WaitAction) => string): string {
  const { code, url, isOpened, givenUp } = state;
  const before = [
    givenUp === undefined ? '' : notice(plainLine(givenUp)),
    isOpened ? '' : l10n.t('No browser opened.'),
    code ? codeWords(code, state, link) : browserWords(state),
    links(state, link).join(' · '),
  ].filter(Boolean);
  const text = before.join(' ');
  // Last, so that it is what is cut off where it is too long.
  return isOpened
    ? text
    : `${text} ${plainLine(url, longestNotice - text.length - 2).replaceAll('](', '] (')}`;
}

function codeWords(
  { userCode, verificationUri }: NonNullable<WaitState['code']>,
  { isOpened }: WaitState,
  link: (text: string, action: WaitAction) => string,
): string {
  const code = notice(userCode);
  const page = notice(plainLine(verificationUri));
  return isOpened
    ? l10n.t(
        'Waiting for you to enter the code {0} at {1}…',
        code,
        link(page.replaceAll(']', ''), 'openPage'),
      )
    : l10n.t('Enter the code {0} at the address below, in any browser.', code);
}

function browserWords({ host, isOpened, isLate }: WaitState): string {
  if (!isOpened) {
    return host === undefined
      ? l10n.t('Open the address below in a browser on this computer.')
      : l10n.t('Open the address below, of {0}, in a browser on this computer.', notice(host));
  }
  const waiting =
    host === undefined
      ? l10n.t('Waiting for you to sign in in the browser…')
      : l10n.t('Waiting for you to sign in in the browser, at {0}…', notice(host));
  if (!isLate) return waiting;
  return `${waiting} ${l10n.t(
    'If you have signed in there and nothing happens here, the browser cannot come back to this editor. Sign in another way:',
  )}`;
}

function links(
  { code, isOpened, isLate, others }: WaitState,
  link: (text: string, action: WaitAction) => string,
): string[] {
  const copyAddress = link(l10n.t('Copy Address'), 'copyAddress');
  const tryAgain = link(l10n.t('Try Again'), 'tryAgain');
  if (code) {
    return [link(l10n.t('Copy Code'), 'copyCode'), ...(isOpened ? [] : [copyAddress, tryAgain])];
  }
  if (!isOpened || isLate) {
    const ways = others.map(flow => link(flowWords(flow), flow));
    return isOpened
      ? [...ways, link(l10n.t('Open the Page Again'), 'tryAgain')]
      : [copyAddress, tryAgain, ...ways];
  }
  return others.includes('deviceCode')
    ? [link(l10n.t('Having trouble? Use a code instead'), 'deviceCode')]
    : [];
}

function flowWords(flow: FlowName): string {
  switch (flow) {
    case 'uriHandler':
      return l10n.t('Use the Editor’s Address');
    case 'loopback':
      return l10n.t('Use a Page on This Computer');
    case 'deviceCode':
      return l10n.t('Use a Code');
  }
}
