import { join, relative, sep } from 'node:path';
import Mocha from 'mocha';
import { leftOut } from './needs.ts';

// Runs files of tests in Node, and tells its parent how many passed.

// Node.js has read it, for this process; what tests start shall be as it is for a person.
delete process.env['NODE_COMPILE_CACHE'];
// The run is gone, and nobody hears what this tells.
process.once('disconnect', () => process.exit(1));
const mocha = new Mocha({ timeout: 120_000, reporter: 'spec', forbidOnly: true, color: false });
for (const file of process.argv.slice(2)) mocha.addFile(file);
await mocha.loadFilesAsync();
const root = join(import.meta.dirname, '..');
/** How long (ms, s) each file took. */
const spent: Record<string, number> = {};
const times: Record<string, number> = {};
let began = 0;
const runner = mocha.run(() => {
  const { passes = 0, failures = 0, pending = 0 } = runner.stats ?? {};
  const summary = { passed: passes, failed: failures, skipped: pending, leftOut, times };
  if (process.send) process.send(summary, () => process.exit());
  // Started by hand: what a test left open must not keep a person waiting.
  else process.exit(failures > 0 ? 1 : 0);
});
// Each suite at the top is of one file.
runner.on('suite', suite => {
  if (suite.parent?.root) began = performance.now();
});
runner.on('suite end', ({ parent, file = '' }) => {
  if (!parent?.root) return;
  const name = relative(root, file).replaceAll(sep, '/');
  spent[name] = (spent[name] ?? 0) + performance.now() - began;
  times[name] = Math.round(spent[name] / 1_000);
});
