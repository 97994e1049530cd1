import Mocha from 'mocha';
import { leftOut } from './needs.ts';

// One lane of the tests in Node: runs the files it is given, and tells its parent how many passed.
const mocha = new Mocha({ timeout: 120_000, reporter: 'spec', forbidOnly: true, color: false });
for (const file of process.argv.slice(2)) mocha.addFile(file);
await mocha.loadFilesAsync();
const runner = mocha.run(() => {
  const { passes = 0, failures = 0, pending = 0 } = runner.stats ?? {};
  process.send?.({ passed: passes, failed: failures, skipped: pending, leftOut }, () => process.exit());
});
