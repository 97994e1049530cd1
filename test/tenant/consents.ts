import type { KeptState } from './keptState.ts';
import type { ThirdParties } from './thirdParty.ts';

/** What a person agrees to: an application reaches an API, with scopes, as them. */
export interface Consent {
  readonly clientId: string;
  readonly accountId: string;
  readonly audience: string;
  readonly scopes: readonly string[];
}

/** What a request of a client asks a person to agree to. */
export function consentOf(parameters: Record<string, unknown>, accountId = ''): Consent {
  const text = (name: string) => (typeof parameters[name] === 'string' ? parameters[name] : '');
  return {
    clientId: text('client_id'),
    accountId,
    audience: text('audience') || text('resource'),
    scopes: text('scope').split(' ').filter(Boolean).sort(),
  };
}

/** Remembers who agreed to what. Auth0 always asks for a third party, and not again for the same (API and scopes). */
export function createConsents(state: KeptState, thirdParties: ThirdParties) {
  const name = (consent: Consent) => `consent ${JSON.stringify(Object.values(consent))}`;
  return {
    areNeeded: (consent: Consent): boolean =>
      thirdParties(consent.clientId) !== undefined && state.get(name(consent)) !== true,
    give(consent: Consent): void {
      state.set(name(consent), true);
    },
  };
}
export type Consents = ReturnType<typeof createConsents>;
