import type { HttpApp } from './environment.ts';

/** Whether this server can answer. */
export interface Health {
  /** Asks the store something. Rejects where it does not answer. */
  readonly checkStore: () => Promise<void>;
  readonly isStopping: () => boolean;
}

/** How long (ms) an answer of the store counts: who asks often must not keep it busy. */
const countsFor = 1_000;
/** How long (ms) the store may take. */
const limit = 3_000;

/**
 * Adds `/healthz`, which says that the process answers, and `/readyz`, which says whether requests should be sent here.
 * They ask for no token and no host name: a probe of Kubernetes has neither. They give nothing away.
 */
export function addHealth(app: HttpApp, { checkStore, isStopping }: Health): void {
  let last: { readonly at: number; readonly answer: Promise<boolean> } | undefined;

  function isReady(): Promise<boolean> {
    const now = Date.now();
    if (last && Math.abs(now - last.at) < countsFor) return last.answer;
    const late = new Promise<boolean>(resolve => {
      setTimeout(() => resolve(false), limit).unref();
    });
    const answer = checkStore().then(
      () => true,
      () => false,
    );
    last = { at: now, answer: Promise.race([answer, late]) };
    return last.answer;
  }

  app.get('/healthz', context => context.text('ok\n', 200, { 'cache-control': 'no-store' }));
  app.get('/readyz', async context => {
    const isFit = !isStopping() && (await isReady()) && !isStopping();
    return context.text(isFit ? 'ready\n' : 'not ready\n', isFit ? 200 : 503, {
      'cache-control': 'no-store',
    });
  });
}
