import type { BrokerHost } from '../broker/host.ts';
import { late } from './late.ts';

/**
 * A broker that is loaded when somebody first needs it, as every window does once it has started.
 * @param load builds it
 */
export function lateBroker(load: () => Promise<BrokerHost>): BrokerHost {
  let loaded: BrokerHost | undefined;
  const get = late(async () => (loaded = await load()));
  return {
    grant: async (account, allowed) => (await get()).grant(account, allowed),
    grantLate: async findTerms => (await get()).grantLate(findTerms),
    openDoor: async () => (await get()).openDoor(),
    connected: () => loaded?.connected() ?? [],
    invalidate() {
      // Before it was loaded, nobody has a token of it.
      loaded?.invalidate();
    },
    // Also of one that was never needed: who asks it later is to hear that the window is closing.
    dispose: async () => (await get()).dispose(),
  };
}
