import { isOmnispindleError, OmnispindleError } from '../../../common/errors.ts';
import { explain } from '../explain.ts';
import { askByFetch } from './askByFetch.ts';
import { lookUpResource } from './lookUp.ts';

/** Who asks, and whose tokens would go to the server. */
export interface DeclaredAudienceOptions {
  readonly issuer: string;
  /** The person's headers for this server. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How we name ourselves (RFC 9110 section 10.1.5): firewalls refuse who does not. */
  readonly userAgent: string;
}

/**
 * Asks a server, before it gets any token, which API its tokens are for; for those who are not its bridge.
 * @returns the identifier; undefined where the server declares none
 * @throws OmnispindleError as `lookUpResource`, and `server_error` where the server gives no answer now
 */
export async function declaredAudience(
  url: URL,
  { issuer, headers, userAgent }: DeclaredAudienceOptions,
): Promise<string | undefined> {
  try {
    const ask = askByFetch({ 'user-agent': userAgent, ...headers });
    return (await lookUpResource(ask, { url, issuer })).resource;
  } catch (error) {
    if (isOmnispindleError(error)) throw error;
    throw new OmnispindleError('server_error', explain(error, url), { cause: error });
  }
}
