import * as vscode from 'vscode';

/** How long (ms) the status bar says what became of it. */
const saidFor = 5_000;

/** Copies a text, and says in the status bar whether that went well: not every desktop has a clipboard. */
export async function copy(text: string): Promise<void> {
  const said = await vscode.env.clipboard.writeText(text).then(
    () => vscode.l10n.t('Copied.'),
    () => vscode.l10n.t('It could not be copied: copy it by hand.'),
  );
  vscode.window.setStatusBarMessage(said, saidFor);
}
