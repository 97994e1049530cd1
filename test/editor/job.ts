import { join } from 'node:path';
import { installCodeServer } from './codeServer.ts';
import { installDesktop } from './desktop.ts';
import type { EditorOptions } from './host.ts';
import { editorShares, type SuitePart } from './parts.ts';
import type { Summary } from './results.ts';
import { runEditorSuite } from './run.ts';

// Runs a share of the suite, one part or all of it, in an editor: code-server, or the program of a desktop VS Code. It tells
// its parent how many passed.

// Node.js has read it, for this process; the editor shall be as it is for a person.
delete process.env['NODE_COMPILE_CACHE'];
const [editor = 'code-server', share = 'all'] = process.argv.slice(2);
const browserHosted = editor === 'code-server';
const stop = new AbortController();
// Playwright, which listens too, ends its browsers, and keeps this process.
for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) {
  process.once(event, () => {
    stop.abort(new Error(`The suite was stopped by ${event}.`));
  });
}
const summary = await runEditorSuite({
  install: browserHosted ? installCodeServer : (options: EditorOptions) => installDesktop(editor, options),
  browserHosted,
  artifacts: join(browserHosted ? 'editor-artifacts' : 'desktop-artifacts', share),
  visits: editorShares[share] ?? [share === 'all' ? [] : [share as SuitePart]],
  signal: stop.signal,
}).catch((error: unknown): Summary => {
  console.error(error);
  return { passed: 0, failed: 1, skipped: 0 };
});
if (process.connected) process.send?.(summary, () => process.exit());
else process.exit(summary.failed > 0 ? 1 : 0);
