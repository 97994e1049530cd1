import { errorCodes, OmnispindleError, type ErrorCode } from '../common/errors.ts';

const notOfOAuth = [
  'busy',
  'invalid_cursor',
  'invalid_query',
  'port_in_use',
  'session_lost',
  'storage_failed',
  'unavailable',
  'unsupported_runtime',
] as const satisfies readonly ErrorCode[];

/** What a sign-in, a token or the tenant can come to; `invalid_settings` where the tenant itself refuses them. */
export type AuthErrorCode = Exclude<ErrorCode, (typeof notOfOAuth)[number]>;

/** An error of OAuth: what the tenant says, or what became of a sign-in or a token. */
export class AuthError extends OmnispindleError<AuthErrorCode> {
  override readonly name = 'AuthError';
}

/** The error that another process of ours has told. A code that only a newer version knows counts as `server_error`. */
export function errorTold({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): OmnispindleError {
  const known = errorCodes.find(each => each === code) ?? 'server_error';
  return isOfOAuth(known) ? new AuthError(known, message) : new OmnispindleError(known, message);
}

function isOfOAuth(code: ErrorCode): code is AuthErrorCode {
  return !notOfOAuth.some(other => other === code);
}
