import { plainText } from './plainText.ts';

/** Stable codes of everything that can go wrong with a sign-in or a token. */
export type AuthErrorCode =
  | 'access_denied'
  | 'account_not_found'
  | 'callback_mismatch'
  | 'cancelled'
  | 'flow_unavailable'
  | 'invalid_callback'
  | 'invalid_response'
  | 'invalid_settings'
  | 'invalid_token'
  | 'login_required'
  | 'port_in_use'
  | 'server_error'
  | 'session_lost'
  | 'storage_failed'
  | 'tenant_unreachable'
  | 'timed_out'
  | 'unsupported_runtime';

/** An error a person can act on: `code` for programs, `message` (localised, free of secrets, fit to be shown) for people. */
export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly code: AuthErrorCode;

  constructor(code: AuthErrorCode, message: string, options?: ErrorOptions) {
    super(plainText(message), options);
    this.code = code;
  }
}

/** What an error says; anything else that was thrown, as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's code of an error, `ENOENT` for example; of an error without one, what it says. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** Whether `error` is an {@link AuthError}, with that code when one is given. */
export function isAuthError(error: unknown, code?: AuthErrorCode): error is AuthError {
  return error instanceof AuthError && (code === undefined || error.code === code);
}
