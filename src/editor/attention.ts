import * as vscode from 'vscode';
import { plainLine } from '../common/plainText.ts';
import { keyOf, type Session } from '../sessions/session.ts';
import type { Provider } from './authenticationProvider.ts';
import type { ServerNews } from './serverNews.ts';

/** What tells that something needs the person. */
export interface AttentionOptions {
  readonly provider: Pick<Provider, 'onDidLook'>;
  readonly news: Pick<ServerNews, 'all' | 'onDidChange'>;
  /** Hears the id of a session that the tenant has ended. */
  readonly onDidEnd: vscode.Event<string>;
}

/** What the status bar says, and what a click on it does. */
interface Need {
  readonly text: string;
  readonly command: string;
}

/**
 * Keeps an item in the status bar while something needs the person: a server waits for a sign-in, or failed, or a session
 * has ended at the tenant. Else there is none.
 * @param options what tells it
 */
export function keepAttention({ provider, news, onDidEnd }: AttentionOptions): vscode.Disposable {
  let item: vscode.StatusBarItem | undefined;
  let sessions: readonly Session[] = [];
  /** Those that have ended, by their accounts' keys. */
  const ended = new Map<string, Session>();

  function need(): Need | undefined {
    const states = [...news.all()].map(([name, state]) => ({ name: plainLine(name), ...state }));
    const waits = states.find(({ waiting }) => waiting > 0);
    if (waits) {
      const text = `$(bell-dot) ${vscode.l10n.t('{0} waits for your sign-in', waits.name)}`;
      return { text, command: 'notifications.showList' };
    }
    const failed = states.find(({ error }) => error !== undefined);
    if (failed && sessions.length > 0) {
      const text = `$(error) ${vscode.l10n.t('{0} failed', failed.name)}`;
      return { text, command: 'omnispindle.accounts.focus' };
    }
    const [session] = ended.values();
    const who = session ? plainLine(session.account.label) : failed?.name;
    if (who === undefined) return undefined;
    return { text: `$(account) ${vscode.l10n.t('Sign in again: {0}', who)}`, command: 'omnispindle.signIn' };
  }

  function show(): void {
    const now = need();
    if (!now) {
      item?.dispose();
      item = undefined;
      return;
    }
    item ??= vscode.window.createStatusBarItem('omnispindle', vscode.StatusBarAlignment.Left);
    item.name = 'Omnispindle';
    item.text = now.text;
    item.command = now.command;
    item.show();
  }

  return vscode.Disposable.from(
    provider.onDidLook(now => {
      sessions = now;
      for (const session of now) {
        const before = ended.get(keyOf(session));
        if (before && before.id !== session.id) ended.delete(keyOf(session));
      }
      show();
    }),
    onDidEnd(id => {
      const session = sessions.find(one => one.id === id);
      if (session) ended.set(keyOf(session), session);
      show();
    }),
    news.onDidChange(show),
    { dispose: () => item?.dispose() },
  );
}
