import { setTimeout as delay } from 'node:timers/promises';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import * as vscode from 'vscode';
import type { SettingMistake } from './configuredServers.ts';

/** How long (ms) the editor may take to tell us of the file that it has opened. */
const patience = 2_000;

/**
 * Opens settings.json where our servers are.
 * @param place the setting, the one of the person's own servers where absent, and the entry to go to in that
 */
export async function openServerSetting({
  setting = 'omnispindle.servers',
  server,
}: Partial<Pick<SettingMistake, 'setting' | 'server'>> = {}): Promise<void> {
  const { executeCommand } = vscode.commands;
  try {
    await executeCommand('workbench.action.openSettingsJson', { revealSetting: { key: setting } });
  } catch {
    // Not every editor has it.
    await executeCommand('workbench.action.openSettings', setting);
    return;
  }
  if (server !== undefined && setting === 'omnispindle.servers') await goTo([setting, server]);
}

/** The editor itself goes to the setting, and not to the entry. */
async function goTo(path: readonly string[]): Promise<void> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await delay(50)) {
    const editor = vscode.window.activeTextEditor;
    const root = editor?.document.fileName.endsWith('.json') && parseTree(editor.document.getText());
    const entry = root && findNodeAtLocation(root, [...path])?.parent;
    if (!editor || !entry) continue;
    const start = editor.document.positionAt(entry.offset);
    editor.selection = new vscode.Selection(start, start);
    editor.revealRange(new vscode.Range(start, start), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    return;
  }
}
