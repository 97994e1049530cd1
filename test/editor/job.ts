import { codeServerHost } from './codeServer.ts';
import { desktopHost } from './desktop.ts';
import type { EditorOptions } from './host.ts';
import { runEditorSuite } from './run.ts';

// Runs the suite in an editor, code-server or the program of a desktop VS Code, and tells its parent how many passed.
const [editor = 'code-server'] = process.argv.slice(2);
const browserHosted = editor === 'code-server';
const summary = await runEditorSuite({
  start: browserHosted ? codeServerHost : (options: EditorOptions) => desktopHost(editor, options),
  browserHosted,
  artifacts: browserHosted ? 'editor-artifacts' : 'desktop-artifacts',
});
process.send?.(summary, () => process.exit());
