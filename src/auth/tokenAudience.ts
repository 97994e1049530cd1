import * as l10n from '@vscode/l10n';
import { plainLine } from '../common/plainText.ts';
import { AuthError } from './authError.ts';
import type { Organization } from './flows/flow.ts';
import { organizationIn } from './organizationClaims.ts';
import type { Tenant } from './tenant.ts';

/** What an access token says of itself, unchecked; nothing where only the API can read it. */
export interface Said {
  /** The APIs that it names (RFC 7519 section 4.1.3). */
  readonly audience?: readonly string[];
  /** RFC 9068 section 2.2.3. */
  readonly scope?: string;
  /** The organization that it is for; null where it names none. */
  readonly organization?: Organization | null;
}

/** Reads a token that has just come from the tenant itself, so that its signature says no more than the connection. */
export async function saidBy(accessToken: string): Promise<Said> {
  const { decodeJwt } = await import('jose');
  try {
    const claims = decodeJwt(accessToken);
    const { aud, scope } = claims;
    const named = [aud ?? []].flat();
    return {
      ...(named.every(one => typeof one === 'string') && named.length > 0 && { audience: named }),
      ...(typeof scope === 'string' && { scope }),
      organization: organizationIn(claims) ?? null,
    };
  } catch {
    return {};
  }
}

/** Whether a token that names these APIs is for that one. One that names none may be for the tenant's default API. */
export function isFor(named: readonly string[] | undefined, audience: string, tenant: Tenant): boolean {
  return named ? named.includes(audience) : audience === tenant.audience;
}

/** The error where {@link isFor} says that it is not: it must not be given out, because it opens something else. */
export function wrongAudience(
  named: readonly string[] | undefined,
  audience: string,
  { domain }: Tenant,
): AuthError {
  const wanted = plainLine(audience);
  return new AuthError(
    'invalid_response',
    named
      ? l10n.t(
          '{0} gave a token for {1}, not for {2}, so it was not used. Ask who runs the tenant whether there is an API with exactly the identifier {2}.',
          domain,
          plainLine(named.join(', ')),
          wanted,
        )
      : l10n.t(
          '{0} gave a token that does not say whether it is for {1}, so it was not used. Ask who runs the tenant whether there is an API with exactly this identifier, whose tokens are JWTs with an "aud".',
          domain,
          wanted,
        ),
  );
}
