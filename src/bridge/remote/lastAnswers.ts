import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for the last answers, as a script wants them that closes our input at once; no longer than a client waits, and
 * not where nobody reads them.
 * @param limit how long (ms) what is under way may still take
 */
export async function lastAnswers(answered: () => Promise<unknown>, limit: number): Promise<void> {
  const { stdout } = process;
  if (stdout.destroyed || stdout.errored) return;
  const gone = new Promise<void>(resolve => {
    stdout.once('error', () => {
      resolve();
    });
    // Those who listen for signals already see to it that the process does not end by them.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        resolve();
      });
    }
  });
  const written = answered().then(() => new Promise(resolve => stdout.write('', resolve)));
  await Promise.race([written, gone, delay(limit)]);
}
