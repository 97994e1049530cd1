import * as vscode from 'vscode';

/**
 * Shows a notification with a button that cancels.
 * @returns what closes it
 */
export function showProgress(title: string, cancel: () => void): vscode.Disposable {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  void vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (_progress, cancelled) => {
      cancelled.onCancellationRequested(cancel);
      await over;
    },
  );
  return new vscode.Disposable(() => {
    resolve(undefined);
  });
}
