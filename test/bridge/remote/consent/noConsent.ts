import type { Consent } from '../../../../src/bridge/remote/consent/consent.ts';

/** A person who allows nothing, and is asked nothing. */
export const noConsent: Consent = {
  runsAs: () => undefined,
  refused: scopes => Promise.resolve(scopes),
  agreesTo: () => false,
  decide: () => Promise.resolve(false),
};
