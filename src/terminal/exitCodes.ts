import { isOmnispindleError, type ErrorCode } from '../common/errors.ts';
import { Interrupted } from './interruptible.ts';

/** What a command's end means to a script. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, notSignedIn: 3, tenantUnreachable: 4 } as const;

const { failed, usage, notSignedIn, tenantUnreachable } = exitCodes;
const byCode: Readonly<Record<ErrorCode, number>> = {
  access_denied: notSignedIn,
  account_mismatch: notSignedIn,
  account_not_found: notSignedIn,
  busy: failed,
  callback_mismatch: failed,
  cancelled: notSignedIn,
  flow_unavailable: failed,
  invalid_callback: failed,
  invalid_cursor: failed,
  invalid_query: failed,
  invalid_records: failed,
  invalid_response: tenantUnreachable,
  invalid_settings: usage,
  invalid_token: notSignedIn,
  login_required: notSignedIn,
  port_in_use: failed,
  server_error: tenantUnreachable,
  session_lost: failed,
  storage_failed: failed,
  tenant_unreachable: tenantUnreachable,
  timed_out: notSignedIn,
  unavailable: failed,
  unsupported_runtime: failed,
};

/** The exit code of a command that ended with that error; 130 for Ctrl-C, as shells have it. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return error.exitCode;
  return isOmnispindleError(error) ? byCode[error.code] : exitCodes.failed;
}
