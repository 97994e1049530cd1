import * as vscode from 'vscode';
import { plainLine } from '../common/plainText.ts';
import { redact } from '../common/redact.ts';
import { isRenewable } from '../sessions/audiences.ts';
import type { Session } from '../sessions/session.ts';
import type { ServerState } from './serverNews.ts';

/** What the view shows of a server. */
export interface ServerView extends ServerState {
  readonly isConnected: boolean;
  /** The person's own, or which of both "Omnispindle" is, by which its menu goes (package.json). */
  readonly kind: 'bundled' | 'team' | 'own';
  /** The session of the account that it runs as; absent where nobody is signed in by it. */
  readonly session: Session | undefined;
}

/** Longest error (UTF-16 units) that the view shows; the log has all of it. */
const longestError = 400;

/**
 * What a server does, and the icon for that.
 * @param view the server
 */
export function stateOf({ waiting, error, isConnected }: ServerView): {
  words: string;
  icon: vscode.ThemeIcon;
} {
  if (waiting > 0) {
    return { words: vscode.l10n.t('waits for your sign-in'), icon: new vscode.ThemeIcon('bell-dot') };
  }
  if (error !== undefined) {
    const color = new vscode.ThemeColor('list.errorForeground');
    return { words: vscode.l10n.t('failed'), icon: new vscode.ThemeIcon('error', color) };
  }
  return isConnected
    ? { words: vscode.l10n.t('in use'), icon: new vscode.ThemeIcon('vm-running') }
    : { words: vscode.l10n.t('not in use'), icon: new vscode.ThemeIcon('server') };
}

/**
 * What there is to say of a server, a line each: for which API, until when its token is valid, and what went wrong.
 * @param view the server
 */
export function linesOf(view: ServerView): { text: string; icon: string }[] {
  const { audience, error } = view;
  const api =
    audience === undefined
      ? vscode.l10n.t('API: found out at its first call')
      : vscode.l10n.t('API: {0}', plainLine(audience));
  const lines = [
    { text: api, icon: 'globe' },
    { text: tokenWords(view), icon: 'key' },
  ];
  if (error !== undefined) {
    const text = vscode.l10n.t('Last error: {0}', redact(plainLine(error, longestError)));
    lines.push({ text, icon: 'warning' });
  }
  return lines;
}

function tokenWords({ session, audience }: ServerView): string {
  if (!session) return vscode.l10n.t('Token: none, nobody is signed in for it');
  const end = audience === undefined ? undefined : endOfToken(session, audience);
  if (audience === undefined || end === undefined) {
    return vscode.l10n.t('Token: it gets one at its first call');
  }
  if (!isRenewable(session, { audience })) {
    return vscode.l10n.t('Token: valid until {0}, then you sign in again', timeOf(end));
  }
  return end > Date.now()
    ? vscode.l10n.t('Token: renewed by {0}', timeOf(end))
    : vscode.l10n.t('Token: renewed at its next call');
}

/** When the last token that the session has for an API ends (milliseconds since the epoch). */
function endOfToken(session: Session, audience: string): number | undefined {
  const isDefault = audience === session.tenant.audience;
  const tokens = isDefault
    ? [...(session.accessToken === '' ? [] : [session]), ...(session.tokens ?? [])]
    : (session.audiences?.find(its => its.audience === audience)?.tokens ?? []);
  return tokens.length === 0 ? undefined : Math.max(...tokens.map(({ expiresAt }) => expiresAt));
}

/** A time of today without the date. */
function timeOf(time: number): string {
  const date = new Date(time);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(vscode.env.language, {
    ...(!isToday && { dateStyle: 'short' }),
    timeStyle: 'short',
  });
}
