import { shareWork } from '../../src/sessions/shareWork.ts';
import { memoryLog } from '../auth/fixtures.ts';

// A process that begins the shared work, says so, and never ends it.
setInterval(() => undefined, 1_000);
const [directory = '', name = ''] = process.argv.slice(2);
await shareWork({
  directory,
  name,
  log: memoryLog(),
  signal: new AbortController().signal,
  onProgress: () => undefined,
  ready: () => Promise.resolve(undefined),
  work: async tell => {
    tell({ type: 'message', message: 'The other process works.', url: 'https://example.com/' });
    process.send?.('working');
    return new Promise<string>(() => undefined);
  },
});
