import { setTimeout as delay } from 'node:timers/promises';

/** One of the servers that share the work. */
interface Replica {
  readonly origin: string;
  isReady: boolean;
}

/** The replicas that are ready, in turn. */
export interface Rotation {
  ready(): string[];
  /** The ready ones first, beginning with whose turn it is; then the others, which may be back already. */
  inTurn(): Replica[];
  stop(): Promise<void>;
}

/**
 * Asks each replica again and again whether it is ready.
 * @param interval milliseconds from an answer to the next question
 */
export async function watchReplicas(origins: readonly string[], interval: number): Promise<Rotation> {
  const replicas: Replica[] = origins.map(origin => ({ origin, isReady: false }));
  const stopping = new AbortController();
  let turn = 0;

  async function ask(replica: Replica): Promise<void> {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(2_000)]);
    replica.isReady = await fetch(`${replica.origin}/readyz`, { signal }).then(
      async response => {
        await response.body?.cancel();
        return response.ok;
      },
      () => false,
    );
  }

  async function watch(replica: Replica): Promise<void> {
    while (!stopping.signal.aborted) {
      await delay(interval, undefined, { signal: stopping.signal }).catch(() => undefined);
      await ask(replica);
    }
  }

  await Promise.all(replicas.map(ask));
  const watching = Promise.all(replicas.map(watch));
  return {
    ready: () => replicas.filter(({ isReady }) => isReady).map(({ origin }) => origin),
    inTurn() {
      const ready = replicas.filter(({ isReady }) => isReady);
      const first = ready.length === 0 ? 0 : turn++ % ready.length;
      return [...ready.slice(first), ...ready.slice(0, first), ...replicas.filter(({ isReady }) => !isReady)];
    },
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
