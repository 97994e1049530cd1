import assert from 'node:assert/strict';
import type * as vscode from 'vscode';

/** A line of a view that is a tree, as the editor shows it. */
export interface TreeLine {
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** What its menu goes by. */
  readonly menu: string;
  /** What the editor gives the commands of its menu. */
  readonly node: unknown;
  readonly below: readonly TreeLine[];
}

/** Reads a tree as an editor does that shows all of it. */
export async function readTree(
  provider: vscode.TreeDataProvider<unknown> | undefined,
  above?: unknown,
): Promise<TreeLine[]> {
  assert.ok(provider, 'There is no such view.');
  const lines: TreeLine[] = [];
  for (const node of (await provider.getChildren(above)) ?? []) {
    const { label, description, tooltip, contextValue } = await provider.getTreeItem(node);
    lines.push({
      label: textOf(label),
      description: textOf(description),
      tooltip: textOf(tooltip),
      menu: contextValue ?? '',
      node,
      below: await readTree(provider, node),
    });
  }
  return lines;
}

/** Our view's texts are plain: no Markdown, and nothing that is highlighted. */
function textOf(text: unknown): string {
  assert.ok(text === undefined || typeof text === 'string');
  return text ?? '';
}
