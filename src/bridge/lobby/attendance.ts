import type { RequestId } from '@modelcontextprotocol/server';
import { isOmnispindleError, type ErrorCode } from '../../common/errors.ts';

/** Whether somebody waits who may be asked to sign in, and what a bridge could not get while nobody did. */
export interface Attendance {
  /** Notes a call of the client. */
  called(id: RequestId): void;
  /** Notes that a call has its answer, or needs none any more. */
  ended(id: RequestId): void;
  /** Whether a call has no answer yet: who made it may be asked. */
  isCalled(): boolean;
  /**
   * Notes that something could not be sent without asking somebody.
   * @param error why there was no token
   * @param refused the token that the server refused, where there was one
   */
  lacked(error: unknown, refused: string | undefined): void;
  /** Notes a token that there is. */
  got(token: string): void;
  /** Notes a token that the server took. */
  taken(token: string): void;
  /** Whether there was no token, or only a refused one, when it was wanted last. */
  isLacking(): boolean;
  /** The token that the server refused, while there is no other one without asking somebody. */
  refused(): string | undefined;
}

/** Why there is no token although nothing is wrong with the settings: the client may have its lists all the same. */
const waitable: readonly ErrorCode[] = [
  'access_denied',
  'account_not_found',
  'busy',
  'cancelled',
  'invalid_response',
  'login_required',
  'server_error',
  'tenant_unreachable',
  'timed_out',
];

/** Whether there may be a token later, without a change of the settings. */
export function isWaitable(error: unknown): boolean {
  return isOmnispindleError(error) && waitable.includes(error.code);
}

/** What a bridge and the lobby before it tell each other. */
export function createAttendance(): Attendance {
  const calls = new Set<RequestId>();
  let isLacking = false;
  let refused: string | undefined;

  return {
    called(id) {
      calls.add(id);
    },
    ended(id) {
      calls.delete(id);
    },
    isCalled: () => calls.size > 0,
    lacked(error, token) {
      if (!isWaitable(error)) return;
      isLacking = true;
      refused = token ?? refused;
    },
    got(token) {
      if (token === refused) return;
      isLacking = false;
      refused = undefined;
    },
    taken(token) {
      if (token === refused) refused = undefined;
    },
    isLacking: () => isLacking,
    refused: () => refused,
  };
}
