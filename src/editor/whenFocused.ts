import * as vscode from 'vscode';

/**
 * Does something once this window has the focus: of several windows that open at once, one says what all of them find.
 * @returns what stops the waiting
 */
export function whenFocused(act: () => void): vscode.Disposable {
  if (vscode.window.state.focused) {
    act();
    return new vscode.Disposable(() => undefined);
  }
  const watching = vscode.window.onDidChangeWindowState(({ focused }) => {
    if (!focused) return;
    watching.dispose();
    act();
  });
  return watching;
}
