import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/authError.ts';
import type { OnProgress, SignInEvent } from './signInEvent.ts';
import type { TokenRequest } from './tokenSource.ts';
import { unlessAborted } from '../common/unlessAborted.ts';

/** Work that goes on when a caller stops waiting for it. */
export interface Detachable<T> {
  readonly result: Promise<T>;
  readonly listeners: Set<OnProgress>;
  last?: SignInEvent;
}

/**
 * Joins the pending work of that key, or begins it. The caller hears its progress, from the last message
 * on, and may stop waiting by its signal; the work goes on.
 * @throws AuthError `cancelled` where the caller stopped waiting; else what the work throws.
 */
export async function detachable<T>(
  pending: Map<string, Detachable<T>>,
  key: string,
  request: Pick<TokenRequest, 'signal' | 'onProgress'>,
  begin: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  const work = pending.get(key) ?? start();
  const { onProgress, signal } = request;
  if (onProgress) {
    work.listeners.add(onProgress);
    if (work.last) onProgress(work.last);
  }
  try {
    return await (signal ? unlessAborted(work.result, signal, stoppedWaiting) : work.result);
  } finally {
    if (onProgress) work.listeners.delete(onProgress);
  }

  function start(): Detachable<T> {
    const listeners = new Set<OnProgress>();
    const result = Promise.resolve()
      .then(() =>
        begin(event => {
          begun.last = event;
          for (const listener of listeners) listener(event);
        }),
      )
      .finally(() => pending.delete(key));
    // Every caller may have stopped waiting when it fails.
    result.catch(() => undefined);
    const begun: Detachable<T> = { result, listeners };
    pending.set(key, begun);
    return begun;
  }
}

function stoppedWaiting(): AuthError {
  return new AuthError(
    'cancelled',
    l10n.t('Stopped waiting for the sign-in. It stays open in the browser; the next call uses it.'),
  );
}
