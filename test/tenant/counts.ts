import type { TenantCounts } from './options.ts';

type Single = 'signIns' | 'passedThrough' | 'pushedRequests' | 'logouts' | 'acceptedInvitations';

/** Counts what a tenant did. */
export function createCounts() {
  const none = () => ({
    pages: {} as Record<string, number>,
    signIns: 0,
    passedThrough: 0,
    refreshes: {} as Record<string, number>,
    pushedRequests: 0,
    logouts: 0,
    acceptedInvitations: 0,
  });
  let counts = none();
  return {
    read: (): TenantCounts => structuredClone(counts),
    reset() {
      counts = none();
    },
    add(name: Single) {
      counts[name]++;
    },
    addPage(name: string) {
      counts.pages[name] = (counts.pages[name] ?? 0) + 1;
    },
    addRefresh(audience: string) {
      counts.refreshes[audience] = (counts.refreshes[audience] ?? 0) + 1;
    },
  };
}
export type Counts = ReturnType<typeof createCounts>;
