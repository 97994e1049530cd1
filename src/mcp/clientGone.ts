import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Resolves when the client closes the pipes or asks the process to end; a second signal after that ends it at once.
 * @returns the signal, where it was one
 */
export function clientGone(): Promise<NodeJS.Signals | undefined> {
  return new Promise(resolve => {
    const over = () => {
      resolve(undefined);
    };
    process.stdin.once('end', over).once('close', over);
    process.stdout.on('error', over);
    let wasAsked = false;
    // Not `once`: signal-exit, which our locks bring along, kills a process that has no other listener left.
    for (const signal of signals) {
      process.on(signal, () => {
        if (wasAsked) process.exit(128 + constants.signals[signal]);
        wasAsked = true;
        resolve(signal);
      });
    }
  });
}
