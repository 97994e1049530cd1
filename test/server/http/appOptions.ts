import type { HttpAppOptions } from '../../../src/server/http/app.ts';

/** What tests of the HTTP server have alike: no further names, all tools, and a store that answers. */
export const appOptions = {
  allowedHosts: [],
  allowedOrigins: [],
  loadout: 'full',
  version: '1.2.3',
  checkStore: () => Promise.resolve(),
} as const satisfies Partial<HttpAppOptions>;
