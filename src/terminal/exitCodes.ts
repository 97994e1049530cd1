import { isOmnispindleError } from '../common/errors.ts';
import { Interrupted } from './interruptible.ts';

/** What a command's end means to a script. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, notSignedIn: 3, tenantUnreachable: 4 } as const;

/** The exit code of a command that ended with that error; 130 for Ctrl-C, as shells have it. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return error.exitCode;
  if (!isOmnispindleError(error)) return exitCodes.failed;
  switch (error.code) {
    case 'access_denied':
    case 'account_not_found':
    case 'cancelled':
    case 'invalid_token':
    case 'login_required':
    case 'timed_out':
      return exitCodes.notSignedIn;
    case 'invalid_response':
    case 'server_error':
    case 'tenant_unreachable':
      return exitCodes.tenantUnreachable;
    case 'invalid_settings':
      return exitCodes.usage;
    default:
      return exitCodes.failed;
  }
}
