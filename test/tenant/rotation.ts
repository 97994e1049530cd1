import type { Adapter } from 'oidc-provider';
import type { KeptState } from './keptState.ts';

interface Use {
  /** When it was used first. */
  readonly at: number;
  /** The tokens that were given for it. */
  readonly successors: readonly string[];
}

/**
 * Auth0's rotation overlap: a refresh token that was used is taken again while the overlap lasts, unless one of its
 * successors was used too; then it is not the last one, and its family ends.
 */
export function withOverlap(
  adapter: KeptState['adapter'],
  state: Pick<KeptState, 'get' | 'set'>,
  seconds: number,
) {
  const key = (id: string) => `use of refresh token ${id}`;
  const useOf = (id: string) => state.get(key(id)) as Use | undefined;

  return {
    adapter: (model: string): Adapter => {
      const kept = adapter(model);
      if (model !== 'RefreshToken' || seconds === 0) return kept;
      return {
        ...kept,
        async find(id) {
          const payload = await kept.find(id);
          const use = useOf(id);
          const last = use && !use.successors.some(successor => useOf(successor));
          const inTime = use && Date.now() <= use.at + seconds * 1_000;
          if (!payload?.['consumed'] || !last || !inTime) return payload;
          return { ...payload, consumed: undefined };
        },
        async consume(id) {
          if (!useOf(id)) state.set(key(id), { at: Date.now(), successors: [] });
          await kept.consume(id);
        },
      };
    },
    /** Notes that one token was given for another. */
    rotated(from: string, to: string): void {
      const use = useOf(from);
      if (use) state.set(key(from), { ...use, successors: [...use.successors, to] });
    },
  };
}
