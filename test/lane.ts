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
const runner = mocha.run(() => {
  const { passes = 0, failures = 0, pending = 0 } = runner.stats ?? {};
  const summary = { passed: passes, failed: failures, skipped: pending, leftOut };
  if (process.send) process.send(summary, () => process.exit());
  // Started by hand: what a test left open must not keep a person waiting.
  else process.exit(failures > 0 ? 1 : 0);
});
