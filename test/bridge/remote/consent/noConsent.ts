import type { Consent } from '../../../../src/bridge/remote/consent/consent.ts';

/** A person who allows nothing, and is asked nothing. */
export const noConsent: Consent = {
  runsAs: () => undefined,
  scopes: () => Promise.resolve([]),
  agreesTo: () => false,
  decide: () => Promise.resolve(false),
};
