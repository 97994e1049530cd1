import * as vscode from 'vscode';

/** Serves `memfs:` addresses: any folder is there, and empty, so that a window has a workspace that is on no disk. */
export function serveMemoryFiles({ subscriptions }: vscode.ExtensionContext): void {
  const refuse = (uri: vscode.Uri): never => {
    throw vscode.FileSystemError.NoPermissions(uri);
  };
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const registration = vscode.workspace.registerFileSystemProvider(
    'memfs',
    {
      onDidChangeFile: changed.event,
      watch: () => new vscode.Disposable(() => undefined),
      stat(uri) {
        // The editor looks for files of its own, such as .vscode/settings.json.
        if (uri.path.includes('.')) throw vscode.FileSystemError.FileNotFound(uri);
        return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
      },
      readDirectory: () => [],
      readFile(uri) {
        throw vscode.FileSystemError.FileNotFound(uri);
      },
      createDirectory: refuse,
      writeFile: refuse,
      delete: refuse,
      rename: refuse,
    },
    { isReadonly: true },
  );
  subscriptions.push(changed, registration);
}
