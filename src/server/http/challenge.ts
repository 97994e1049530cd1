/** What a refused client is told by `WWW-Authenticate`. */
export interface Challenge {
  /** RFC 6750 section 3.1; absent where the request had no credentials. */
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope';
  readonly description?: string;
  readonly scopes: readonly string[];
  /** Where the metadata of this server is (RFC 9728 section 5.1). */
  readonly metadataUrl: string;
}

/** Longest description (characters) in a header. */
const longestDescription = 300;

/** Builds the challenge for a Bearer token (RFC 6750 section 3, RFC 9728 section 5.1). */
export function bearerChallenge({ error, description, scopes, metadataUrl }: Challenge): string {
  const parameters = {
    ...(error !== undefined && { error }),
    ...(description !== undefined && { error_description: headerText(description) }),
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    resource_metadata: metadataUrl,
  };
  const list = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
  return `Bearer ${list.join(', ')}`;
}

/**
 * A text within the characters that `error_description` may have (RFC 6750 section 3). Of one in a language that has
 * others, nothing would be left to read.
 */
function headerText(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/["\u201c\u201d\\]/g, "'")
    .replaceAll('\u2019', "'")
    .replaceAll('\u2026', '...');
  const kept = plain.replaceAll(/[^\u0020-\u007e]/g, '');
  const isReadable = kept.length > 0.8 * plain.length;
  return (isReadable ? kept : 'The access token is not valid. Sign in again.').slice(0, longestDescription);
}
