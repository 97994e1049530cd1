import { appendFileSync, readFileSync, renameSync } from 'node:fs';
import { inspect } from 'node:util';
import Mocha from 'mocha';
import type { ExtensionContext } from 'vscode';
import { rememberContext } from './context.ts';
import { serveMemoryFiles } from './memoryFiles.ts';

/** Set by the runner. */
const ticket = process.env['OMNISPINDLE_SUITE_TICKET'];

export function activate(context: ExtensionContext): void {
  rememberContext(context);
  serveMemoryFiles(context);
  if (!ticket) return;
  const variables = take(ticket);
  if (!variables) {
    void import('./otherWindow.ts').then(({ serveOtherWindow }) => {
      serveOtherWindow();
    });
    return;
  }
  Object.assign(process.env, variables);
  const results = variables['OMNISPINDLE_SUITE_RESULTS'] ?? '';
  const report = (line: Record<string, unknown>) => {
    appendFileSync(results, `${JSON.stringify(line)}\n`);
  };
  report({ event: 'begin', pid: process.pid });
  void run(report).catch((error: unknown) => {
    report({ event: 'crash', message: String(error instanceof Error ? error.stack : error) });
  });
}

/** The first window to take the file away runs the suite, by the variables in it; others act for it. */
function take(file: string): Record<string, string> | undefined {
  const taken = `${file}-of-${String(process.pid)}`;
  try {
    renameSync(file, taken);
  } catch {
    return undefined;
  }
  return JSON.parse(readFileSync(taken, 'utf8')) as Record<string, string>;
}

async function run(report: (line: Record<string, unknown>) => void): Promise<void> {
  const only = process.env['OMNISPINDLE_SUITE_GREP'];
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 120_000,
    ...(only && { grep: only }),
    reporter: Mocha.reporters.Base,
  });
  mocha.suite.emit('pre-require', globalThis, 'suite', mocha);
  const { defineSuites } = await import('./all.ts');
  await defineSuites(process.env['OMNISPINDLE_SUITE_PARTS']?.split(',').filter(Boolean) ?? []);
  const editorListeners = new Set<unknown>([
    ...process.listeners('uncaughtException'),
    ...process.listeners('unhandledRejection'),
  ]);
  const runner = mocha.run(failures => {
    report({ event: 'end', failures });
  });
  // Other extensions share this process; what they leave unhandled is not ours to fail for.
  runner.once('start', () => {
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      for (const listener of process.listeners(event as 'uncaughtException')) {
        if (!editorListeners.has(listener)) process.off(event, listener);
      }
    }
  });
  runner.on('pass', test => {
    report({ event: 'pass', title: test.fullTitle(), ms: test.duration });
  });
  runner.on('fail', (test, error: Error) => {
    report({ event: 'fail', title: test.fullTitle(), message: inspect(error) });
  });
  runner.on('pending', test => {
    report({ event: 'pending', title: test.fullTitle() });
  });
}
