import process from 'node:process';
import { shareWork } from '../../src/sessions/shareWork.ts';

// A process that takes up the shared work of that name and never finishes it, so that a test can kill it;
// its line to the test keeps it alive.
const [directory = '', name = ''] = process.argv.slice(2);
const silent = () => undefined;
process.on('message', silent);
await shareWork({
  directory,
  name,
  log: { debug: silent, info: silent, warn: silent, error: silent },
  signal: new AbortController().signal,
  onProgress: silent,
  ready: () => Promise.resolve(undefined),
  work: onProgress => {
    onProgress({ type: 'message', message: 'Working.' });
    process.send?.('working');
    return new Promise<never>(() => undefined);
  },
});
