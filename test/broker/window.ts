import process from 'node:process';
import { createBrokerHost } from '../../src/broker/host.ts';

// An editor's window, reduced to its broker, in a process of its own so that a test can kill it. Its first
// token comes at once; it never finds a second one.
const silent = () => undefined;
const host = createBrokerHost({
  log: { debug: silent, info: silent, warn: silent, error: silent },
  getToken: (_holder, { rejected, onProgress }) => {
    if (rejected === undefined) {
      return Promise.resolve({
        accessToken: 'first',
        expiresAt: Date.now() + 3_600_000,
        lifetime: 3_600_000,
      });
    }
    onProgress?.({ type: 'message', message: 'waiting' });
    return new Promise(() => undefined);
  },
});
process.send?.((await host.grant('ada')).env);

// As an editor ends: it lets go of everything, and waits for nothing.
process.on('message', () => {
  void host.dispose();
  setImmediate(() => process.exit());
});
