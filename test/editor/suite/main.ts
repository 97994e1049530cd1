import { appendFileSync, rmSync } from 'node:fs';
import { inspect } from 'node:util';
import Mocha from 'mocha';
import type { ExtensionContext } from 'vscode';
import { rememberContext } from './context.ts';
import { serveMemoryFiles } from './memoryFiles.ts';

/** Set by the runner; the first window to take the file away runs the suite, others act for it. */
const ticket = process.env['OMNISPINDLE_SUITE_TICKET'];
const results = process.env['OMNISPINDLE_SUITE_RESULTS'];

export function activate(context: ExtensionContext): void {
  rememberContext(context);
  serveMemoryFiles(context);
  if (!ticket || !results) return;
  try {
    rmSync(ticket);
  } catch {
    void import('./otherWindow.ts').then(({ serveOtherWindow }) => {
      serveOtherWindow();
    });
    return;
  }
  const report = (line: Record<string, unknown>) => {
    appendFileSync(results, `${JSON.stringify(line)}\n`);
  };
  void run(report).catch((error: unknown) => {
    report({ event: 'crash', message: String(error instanceof Error ? error.stack : error) });
  });
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
