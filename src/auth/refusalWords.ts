import * as l10n from '@vscode/l10n';
import { settingName } from '../common/settingName.ts';

/** What is said of a token that is refused for what it is for, with what its reader can do. */
export interface RefusalWords {
  /** @param issuer who made it, as it may be shown */
  wrongIssuer(domain: string, issuer: string): string;
  wrongAudience(audience: string): string;
  wrongOrganization(organization: string): string;
  /** Of what is not a token of RFC 9068, as an opaque one is, which Auth0 makes for who names no API. */
  noJwt(audience: string): string;
}

/** To a person whose own settings name tenant and API. */
export const ownSettings: RefusalWords = {
  wrongIssuer: (domain, issuer) =>
    l10n.t(
      'The token was not issued by {0}, but by {1}. Sign in to that tenant, or correct {2}.',
      domain,
      issuer,
      settingName('domain'),
    ),
  wrongAudience: audience =>
    l10n.t(
      'The token is not for the API {0}. Get one for it, or correct {1}.',
      audience,
      settingName('audience'),
    ),
  wrongOrganization: organization =>
    l10n.t(
      'The token is not for the organization {0}. Sign in to it, or correct {1}.',
      organization,
      settingName('organization'),
    ),
  noJwt: () =>
    l10n.t(
      'The token is not a JWT for an API. Set {0} to an API of the tenant, then sign in again.',
      settingName('audience'),
    ),
};

/** To a person who comes to a server of others: its settings are not theirs, and their client chose what to ask for. */
export const serverOfOthers: RefusalWords = {
  wrongIssuer: (domain, issuer) =>
    l10n.t('The token was not issued by {0}, but by {1}. Sign in again, at {0}.', domain, issuer),
  wrongAudience: audience =>
    l10n.t(
      'The token is not for the API {0}. Sign in again; where that changes nothing, ask whoever runs the tenant whether it has an API with this identifier.',
      audience,
    ),
  wrongOrganization: organization =>
    l10n.t('The token is not for the organization {0}. Sign in again, to that organization.', organization),
  noJwt: audience =>
    l10n.t(
      'The token is not a JWT for an API. Sign in again for {0}; where that changes nothing, ask whoever runs the tenant to turn on the Resource Parameter Compatibility Profile.',
      audience,
    ),
};
