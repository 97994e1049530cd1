import { plainText } from './plainText.ts';

/** The stable codes of everything that can go wrong: programs decide by them, and their meaning does not change. */
export const errorCodes = [
  /** The person, or the tenant or the editor for them, refused. */
  'access_denied',
  /** Another account came back from the browser than the one whose session it was for; nothing of it was kept. */
  'account_mismatch',
  /** The account that was asked for is not signed in, or another one signed in for it. */
  'account_not_found',
  /** Other programs write to the store at the moment; trying later may help. */
  'busy',
  /** The tenant does not allow the redirect URI (RFC 6749 section 3.1.2.4). */
  'callback_mismatch',
  /** The caller or the person stopped waiting. */
  'cancelled',
  /** That sign-in flow, or every one, cannot work here. */
  'flow_unavailable',
  /** The callback is not the one of this sign-in. */
  'invalid_callback',
  /** The cursor is not of that list. */
  'invalid_cursor',
  /** There is nothing, or too much, to search for. */
  'invalid_query',
  /** The answer is not a tenant's, or leads elsewhere. */
  'invalid_response',
  /** What is to be imported is not what an export has written; the message names the line. */
  'invalid_records',
  /** A setting is wrong; the message names it. */
  'invalid_settings',
  /** The token does not pass its check. */
  'invalid_token',
  /** Only a new sign-in helps. */
  'login_required',
  /** Another program listens at the callback port. */
  'port_in_use',
  /** The tenant, or the editor, reported a problem; trying later may help. */
  'server_error',
  /** The editor window that gave this server its tokens is closed, or starts it again. */
  'session_lost',
  /** Something cannot be read or kept: a full disk, permissions, a directory of somebody else. */
  'storage_failed',
  /** No connection to the tenant; trying later may help. */
  'tenant_unreachable',
  /** Nobody signed in within the time there is. */
  'timed_out',
  /** The store cannot be opened. */
  'unavailable',
  /** This Node.js is older than what is needed. */
  'unsupported_runtime',
] as const;

/** One of {@link errorCodes}. */
export type ErrorCode = (typeof errorCodes)[number];

/** An error a person can act on: `code` for programs, `message` (localised, free of secrets, fit to be shown) for people. */
export class OmnispindleError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name: string = 'OmnispindleError';
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
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

/** Whether `error` is an {@link OmnispindleError}, with that code when one is given. */
export function isOmnispindleError(error: unknown, code?: ErrorCode): error is OmnispindleError {
  return error instanceof OmnispindleError && (code === undefined || error.code === code);
}
