import { join } from 'node:path';
import { codeServerHost } from './editor/codeServer.ts';
import { desktopHost, findDesktop } from './editor/desktop.ts';
import type { EditorOptions } from './editor/host.ts';
import { runEditorSuite, type Summary } from './editor/run.ts';
import { runNodeTests } from './lanes.ts';
import { installNodes } from './nodes.ts';
import { installTestSystem } from './system.ts';

// `npm test`: every test there is, in Node and inside the editor; ends with `N passed, N failed`.
const root = join(import.meta.dirname, '..');
const where = process.argv[2] ?? 'all';
const results: Summary[] = [];
if (where !== 'editor') {
  installTestSystem();
  // Most lanes reach no registry.
  installNodes();
  results.push(...(await runNodeTests(root)));
}
if (where !== 'node') {
  results.push(await runInCodeServer().catch(editorFailed));
  results.push(...(await runOnDesktop().catch(error => [editorFailed(error)])));
}

const passed = results.reduce((sum, result) => sum + result.passed, 0);
// A test that did not run has not passed.
const failed = results.reduce((sum, result) => sum + result.failed + result.skipped, 0);
console.log(`\n${String(passed)} passed, ${String(failed)} failed`);
process.exit(failed > 0 || results.some(result => result.passed === 0) ? 1 : 0);

function runInCodeServer(): Promise<Summary> {
  console.log('\n  in code-server');
  return runEditorSuite({ start: codeServerHost, browserHosted: true, artifacts: 'editor-artifacts' });
}

async function runOnDesktop(): Promise<Summary[]> {
  const program = await findDesktop();
  if (program === undefined) {
    console.log('\n  There is no desktop VS Code: VSCODE_PATH names none, and none can be downloaded.');
    return [];
  }
  console.log(`\n  in ${program}`);
  const start = (options: EditorOptions) => desktopHost(program, options);
  return [await runEditorSuite({ start, browserHosted: false, artifacts: 'desktop-artifacts' })];
}

function editorFailed(error: unknown): Summary {
  console.error('The editor suite could not run.', error);
  return { passed: 0, failed: 1, skipped: 0 };
}
