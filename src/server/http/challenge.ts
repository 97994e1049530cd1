import { headerText } from '../headerText.ts';

/** What a refused client is told by `WWW-Authenticate`. */
export interface Challenge {
  /** RFC 6750 section 3.1; absent where the request had no credentials. */
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope';
  readonly description?: string;
  readonly scopes: readonly string[];
  /** Where the metadata of this server is (RFC 9728 section 5.1). */
  readonly metadataUrl: string;
}

/** What is said where the description is in no alphabet of a header's. */
const inEnglish = 'The access token is not valid. Sign in again.';

/** Builds the challenge for a Bearer token (RFC 6750 section 3, RFC 9728 section 5.1). */
export function bearerChallenge({ error, description, scopes, metadataUrl }: Challenge): string {
  const parameters = {
    ...(error !== undefined && { error }),
    ...(description !== undefined && { error_description: headerText(description, inEnglish) }),
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    resource_metadata: metadataUrl,
  };
  const list = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
  return `Bearer ${list.join(', ')}`;
}
