import * as vscode from 'vscode';
import type { TreeNode, TreeParts } from './accountTree.ts';

/** The view, as package.json has it. */
const viewId = 'omnispindle.accounts';

/** What the view shows, and what tells that it has changed. */
export interface AccountsViewOptions extends TreeParts {
  readonly changes: readonly vscode.Event<unknown>[];
}

/**
 * Registers the view *MCP Accounts*: a tree, whose lines are made, and whose code is loaded, when the person opens it.
 * @param options what it shows
 */
export function registerAccountsView({ changes, ...parts }: AccountsViewOptions): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  const tree = () => import('./accountTree.ts');
  return vscode.Disposable.from(
    changed,
    ...changes.map(change =>
      change(() => {
        changed.fire(undefined);
      }),
    ),
    vscode.window.registerTreeDataProvider<TreeNode>(viewId, {
      onDidChangeTreeData: changed.event,
      getChildren: async node => (await tree()).childrenOf(parts, node),
      getTreeItem: async node => (await tree()).itemOf(node),
    }),
  );
}
