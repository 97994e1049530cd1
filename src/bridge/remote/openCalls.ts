import type { RequestId } from '@modelcontextprotocol/server';

/** The client's requests that have no answer yet. */
export class OpenCalls<Call> extends Map<RequestId, Call> {
  readonly #lookers = new Set<() => void>();

  override delete(id: RequestId): boolean {
    const was = super.delete(id);
    for (const look of this.#lookers) look();
    return was;
  }

  /** Waits until it is so; looked at whenever a call is over. */
  until(isSo: () => boolean): Promise<void> {
    return new Promise(resolve => {
      const look = () => {
        if (!isSo()) return;
        this.#lookers.delete(look);
        resolve();
      };
      this.#lookers.add(look);
      look();
    });
  }
}
