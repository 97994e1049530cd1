import * as vscode from 'vscode';
import { plainLine } from '../common/plainText.ts';
import type { Session } from '../sessions/session.ts';
import { editorAccount } from './accountId.ts';
import { bundledServer } from './bundledServer.ts';
import { preferredAccount } from './consent.ts';
import { readServers } from './readServers.ts';
import type { ServerAccounts } from './serverAccounts.ts';
import type { ServerNews } from './serverNews.ts';
import { linesOf, stateOf, type ServerView } from './serverWords.ts';
import { tenantSetting } from './settings.ts';

/** A line of the view *MCP Accounts*. */
export type TreeNode =
  | { readonly kind: 'account'; readonly id: string; readonly session: Session }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'server'; readonly name: string; readonly view: ServerView }
  | { readonly kind: 'line'; readonly text: string; readonly icon: string };

/** What the view shows. */
export interface TreeParts {
  sessions(): Promise<readonly Session[]>;
  readonly accounts: Pick<ServerAccounts, 'chosen'>;
  readonly news: Pick<ServerNews, 'of'>;
  /** The servers that are connected to this window. */
  connected(): readonly string[];
}

/**
 * The lines below a line of the view, or those at the top.
 * @param parts what the view shows
 * @param above the line above them
 */
export async function childrenOf(parts: TreeParts, above?: TreeNode): Promise<TreeNode[]> {
  if (above?.kind === 'line') return [];
  if (above?.kind === 'server') {
    return linesOf(above.view).map(line => ({ kind: 'line' as const, ...line }));
  }
  const sessions = await parts.sessions();
  const servers = await serversOf(parts, sessions);
  if (above) {
    const id = above.kind === 'account' ? above.id : undefined;
    return servers
      .filter(({ view }) => (view.session && editorAccount(view.session.account).id) === id)
      .map(server => ({ kind: 'server' as const, ...server }));
  }
  const accounts = sessions.map(session => ({
    kind: 'account' as const,
    id: editorAccount(session.account).id,
    session,
  }));
  const isLeft = servers.some(({ view }) => !view.session);
  return [...accounts, ...(isLeft ? [{ kind: 'nobody' as const }] : [])];
}

async function serversOf(
  { accounts, news, connected }: TreeParts,
  sessions: readonly Session[],
): Promise<{ name: string; view: ServerView }[]> {
  const { servers, mistakes } = await readServers();
  const names = [bundledServer, ...servers.keys(), ...mistakes.flatMap(({ server }) => server ?? [])];
  const preferred = sessions.length > 1 ? (await preferredAccount())?.id : undefined;
  const inUse = new Set(connected());
  return [...new Set(names)].map(name => {
    const state = news.of(name);
    const isConnected = inUse.has(name);
    // One that is not in use will run as the preferred account, whoever it ran as before.
    const account = accounts.chosen(name)?.id ?? (isConnected ? state.account : (preferred ?? state.account));
    // Who is the only one is taken at its first call.
    const session =
      account === undefined && sessions.length === 1
        ? sessions[0]
        : sessions.find(one => editorAccount(one.account).id === account);
    const mistake = mistakes.find(({ server }) => server === name)?.text;
    const isBundled = servers.has(name) && servers.get(name) === undefined;
    return {
      name,
      view: {
        ...state,
        error: mistake ?? state.error,
        // The key of the bundled server names no API.
        audience: isBundled ? tenantSetting().audience : (state.audience ?? servers.get(name)?.audience),
        isConnected,
        kind: name === bundledServer ? (isBundled ? 'bundled' : 'team') : 'own',
        session,
      },
    };
  });
}

/**
 * How the editor shows a line.
 * @param node the line
 */
export function itemOf(node: TreeNode): vscode.TreeItem {
  const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
  switch (node.kind) {
    case 'account': {
      const { account, tenant } = node.session;
      const item = new vscode.TreeItem(plainLine(account.label), Expanded);
      item.id = `account ${node.id}`;
      item.description = plainLine(account.name ?? '');
      item.iconPath = new vscode.ThemeIcon('account');
      item.tooltip = vscode.l10n.t('Signed in as {0} at {1}.', plainLine(account.label), tenant.domain);
      item.contextValue = 'account';
      return item;
    }
    case 'nobody': {
      const label = vscode.l10n.t('No account yet');
      const item = new vscode.TreeItem(label, Expanded);
      item.id = 'nobody';
      item.iconPath = new vscode.ThemeIcon('person');
      // A screen reader hears it in place of the label.
      item.tooltip = `${label}. ${vscode.l10n.t('You are asked who these servers run as when one of their tools is called.')}`;
      item.contextValue = 'nobody';
      return item;
    }
    case 'server': {
      const { words, icon } = stateOf(node.view);
      const item = new vscode.TreeItem(plainLine(node.name), Collapsed);
      item.id = `server ${node.name}`;
      item.description = words;
      item.iconPath = icon;
      item.tooltip = [plainLine(node.name), words, ...linesOf(node.view).map(({ text }) => text)].join('\n');
      item.contextValue = `${node.view.kind}Server`;
      return item;
    }
    case 'line': {
      const item = new vscode.TreeItem(node.text, None);
      item.iconPath = new vscode.ThemeIcon(node.icon);
      item.tooltip = node.text;
      return item;
    }
  }
}
