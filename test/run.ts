import { join } from 'node:path';
import { installClaudeCode } from './claudeCode.ts';
import { MissingPackages } from './debian.ts';
import { findDesktop } from './editor/desktop.ts';
import { editorShares, longShares } from './editor/parts.ts';
import { sharePackages } from './editor/packageExtension.ts';
import type { Summary } from './editor/results.ts';
import { installEditorPackages } from './editor/setup.ts';
import { endJobs, type Job } from './jobProcess.ts';
import { keepTimes, runJobs } from './jobs.ts';
import { compiledIn, isLong, nodeJobs } from './lanes.ts';
import { installInspector } from './inspector.ts';
import { howToGet, lacking, mayLeaveOut } from './needs.ts';
import { installNodes } from './nodes.ts';
import { report } from './report.ts';
import { installTestSystem } from './system.ts';

// `npm test` runs the tests in Node and inside the editor, but for those of `npm run test:long`. `node` and `editor` run
// all that is there. It ends with `N passed, N failed`.
const root = join(import.meta.dirname, '..');
const which = process.argv[2] ?? 'short';
const left: string[] = [];
const broken: Summary[] = [];
const packages = sharePackages();

const jobs: Job[] = [];
if (which !== 'editor') {
  installTestSystem();
  // Most lanes reach no registry.
  const isLinux = !lacking(['Linux on x64']);
  if (isLinux) installNodes();
  if (which !== 'short') installInspector();
  if (which !== 'short' && isLinux) installClaudeCode();
  jobs.push(...(await nodeJobs(root)).filter(({ name }) => isMeant(isLong(name))));
}
if (which !== 'node') {
  for (const find of [inCodeServer, onDesktop]) {
    try {
      jobs.push(...(await find()));
    } catch (error) {
      editorFailed(error);
    }
  }
}
const stop = new AbortController();
// Each job has a group of processes of its own, which hears none of these.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => {
    stop.abort(code);
    void endJobs();
  });
}
const results = await runJobs(jobs, { signal: stop.signal });
packages.remove();
if (stop.signal.aborted) process.exit(stop.signal.reason as number);
keepTimes(results);
const failed = results.filter(result => result.failed > 0).map(({ name }) => `    ${name}`);
if (failed.length > 0) console.log(['\n  Failed in:', ...failed].join('\n'));
const { text, isGood } = report([...results, ...broken], left);
console.log(text);
process.exit(isGood ? 0 : 1);

function isMeant(takesLong: boolean): boolean {
  return (which !== 'short' && which !== 'long') || takesLong === (which === 'long');
}

function inCodeServer(): Job[] {
  // What is missing is found before anything is started; code-server itself is installed beside other tests.
  installEditorPackages();
  return editorJobs('code-server');
}

async function onDesktop(): Promise<Job[]> {
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
  return editorJobs(program);
}

function editorJobs(editor: string): Job[] {
  const script = join(import.meta.dirname, 'editor', 'job.ts');
  // Not every share has a test of the title that is looked for.
  const shares = process.env['OMNISPINDLE_SUITE_GREP']
    ? ['all']
    : Object.keys(editorShares).filter(share => isMeant(longShares.has(share)));
  return shares.map(share => ({
    name: `in ${editor}: ${share}`,
    command: [process.execPath, script, editor, share],
    env: { ...packages.env, ...compiledIn(root) },
  }));
}

function editorFailed(error: unknown): void {
  if (error instanceof MissingPackages && mayLeaveOut()) {
    left.push(`the suite in code-server: ${error.how}`);
    return;
  }
  console.error('The editor suite could not run.', error);
  broken.push({ passed: 0, failed: 1, skipped: 0 });
}
