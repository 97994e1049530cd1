import { constants } from 'node:os';
import * as l10n from '@vscode/l10n';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The person stopped a command that was waiting, for example with Ctrl-C; for a sign-in, if nothing else is said. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** As shells have it: 128 and the number of the signal. */
  readonly exitCode: number;

  constructor(
    signal: (typeof signals)[number],
    message = l10n.t('The sign-in was cancelled. Start it again when you are ready.'),
  ) {
    super(message);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Runs work that a signal cancels instead of killing the process, so that it can tidy up; a second one ends
 * the process at once.
 * @param message what an interruption is reported with, where the work is no sign-in
 * @throws Interrupted after such a signal, whatever the work made of it
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  message?: string,
): Promise<T> {
  const interrupted = new AbortController();
  const onSignal = (signal: (typeof signals)[number]) => {
    const reason = new Interrupted(signal, message);
    if (interrupted.signal.aborted) process.exit(reason.exitCode);
    interrupted.abort(reason);
  };
  // Not `once`: signal-exit, which our locks bring along, kills a process that has no other listener left.
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await work(interrupted.signal);
  } catch (error) {
    throw interrupted.signal.aborted ? interrupted.signal.reason : error;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}
