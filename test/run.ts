import { join } from 'node:path';
import { MissingPackages } from './debian.ts';
import { codeServerHost } from './editor/codeServer.ts';
import { desktopHost, findDesktop } from './editor/desktop.ts';
import type { EditorOptions } from './editor/host.ts';
import { runEditorSuite, type Summary } from './editor/run.ts';
import { installEditor } from './editor/setup.ts';
import { runNodeTests } from './lanes.ts';
import { howToGet, lacking, mayLeaveOut } from './needs.ts';
import { installNodes } from './nodes.ts';
import { report } from './report.ts';
import { installTestSystem } from './system.ts';

// `npm test`: every test there is, in Node and inside the editor; ends with `N passed, N failed`.
const root = join(import.meta.dirname, '..');
const where = process.argv[2] ?? 'all';
const results: Summary[] = [];
const left: string[] = [];
if (where !== 'editor') {
  installTestSystem();
  // Most lanes reach no registry.
  if (!lacking(['Linux on x64'])) installNodes();
  results.push(...(await runNodeTests(root)));
}
if (where !== 'node') {
  results.push(...(await runInCodeServer().catch(editorFailed)));
  results.push(...(await runOnDesktop().catch(editorFailed)));
}
const { text, isGood } = report(results, left);
console.log(text);
process.exit(isGood ? 0 : 1);

async function runInCodeServer(): Promise<Summary[]> {
  console.log('\n  in code-server');
  // What is missing is found before anything is started.
  installEditor();
  return [
    await runEditorSuite({ start: codeServerHost, browserHosted: true, artifacts: 'editor-artifacts' }),
  ];
}

async function runOnDesktop(): Promise<Summary[]> {
  const need = lacking(['Chromium', 'a display']);
  if (need && mayLeaveOut()) {
    left.push(`the suite in a desktop VS Code, which needs ${need}: ${howToGet(need)}`);
    return [];
  }
  const program = await findDesktop();
  if (program === undefined) {
    console.log('\n  There is no desktop VS Code: VSCODE_PATH names none, and none can be downloaded.');
    return [];
  }
  console.log(`\n  in ${program}`);
  const start = (options: EditorOptions) => desktopHost(program, options);
  return [await runEditorSuite({ start, browserHosted: false, artifacts: 'desktop-artifacts' })];
}

function editorFailed(error: unknown): Summary[] {
  if (error instanceof MissingPackages && mayLeaveOut()) {
    left.push(`the suite in code-server: ${error.how}`);
    return [];
  }
  console.error('The editor suite could not run.', error);
  return [{ passed: 0, failed: 1, skipped: 0 }];
}
