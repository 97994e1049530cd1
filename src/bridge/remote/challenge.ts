import type { StepUp, TokenRequest } from '../../sessions/tokenSource.ts';
import type { Consent } from './consent/consent.ts';
import { scopesNotAllowed, stepUpNotAllowed } from './consent/wish.ts';
import type { Answer } from './decoding.ts';
import { bearerChallenges } from './wwwAuthenticate.ts';

/** Which other token a request needs. */
export type Need = Pick<TokenRequest, 'rejected' | 'scopes' | 'hints'>;

/** Longest list (characters) of levels of a sign-in, and longest age (s) of one, that a server may name. */
const longestLevels = 500;
const longestAge = 10 * 365 * 86_400;

/**
 * What would make the server accept a request that it refused with 401, or with 403 and `insufficient_scope`
 * (RFC 6750 section 3.1); undefined where no other token would. A server asks for nothing by itself: it may want
 * the scopes, and the stronger sign-in (RFC 9470), that the person has allowed it, and no others.
 * @throws NotAllowedError
 */
export async function challenge(
  { statusCode, headers }: Answer,
  token: string,
  { url, consent }: { readonly url: URL; readonly consent: Pick<Consent, 'refused' | 'agreesTo'> },
): Promise<Need | undefined> {
  const said = (error: string) =>
    bearerChallenges(headers['www-authenticate']).find(({ parameters }) => parameters.get('error') === error)
      ?.parameters;
  if (statusCode === 401) {
    const stepUp = stepUpIn(said('insufficient_user_authentication'));
    if (!stepUp) return { rejected: token };
    if (!consent.agreesTo(stepUp, token)) throw stepUpNotAllowed(url.origin, stepUp, token);
    return { rejected: token, hints: stepUp };
  }
  if (statusCode !== 403) return undefined;
  const wanted = new Set(said('insufficient_scope')?.get('scope')?.split(' ').filter(Boolean));
  if (wanted.size === 0) return undefined;
  const refused = await consent.refused([...wanted]);
  if (refused.length > 0) throw scopesNotAllowed(url.origin, refused);
  return { scopes: [...wanted] };
}

/** The sign-in that a challenge wants; undefined where it says nothing of it that could be asked for. */
function stepUpIn(said: ReadonlyMap<string, string> | undefined): StepUp | undefined {
  const levels = said?.get('acr_values') ?? '';
  const age = said?.get('max_age') ?? '';
  const stepUp = {
    ...(levels !== '' &&
      levels.length <= longestLevels &&
      /^[\x20-\x7e]+$/.test(levels) && { acrValues: levels }),
    ...(/^\d{1,9}$/.test(age) && Number(age) <= longestAge && { maxAge: Number(age) }),
  };
  return Object.keys(stepUp).length > 0 ? stepUp : undefined;
}
