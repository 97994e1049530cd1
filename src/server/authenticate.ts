import type { InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import type { CheckedToken } from '../auth/verify.ts';
import { isOmnispindleError } from '../common/errors.ts';
import { filesGone } from '../common/filesGone.ts';

/** The account that calls: what belongs to whom goes by its issuer and `sub` alone. */
export interface Caller extends Pick<CheckedToken, 'issuer' | 'sub' | 'name' | 'email' | 'scopes'> {
  /** What people know the account by, where it is stored with one. */
  readonly label?: string;
}

/** What tells an account from all others, as the key of a map. */
export const accountKey = ({ issuer, sub }: Pick<Caller, 'issuer' | 'sub'>): string =>
  JSON.stringify([issuer, sub]);

/** Who calls, and what the client must be told with the answer, because nothing else has told it. */
export interface Authenticated {
  readonly caller: Caller;
  readonly notices?: Iterable<string>;
}

/**
 * Says who calls. It is asked for every call of a tool, so one server may answer many accounts.
 * @param context the request as the SDK gives it: its `signal`, and over HTTP its headers and `authInfo`
 * @returns the account, or what the client must do before (MCP 2026-07-28, "Multi Round-Trip Requests")
 * @throws OmnispindleError whose message goes to the client, as that of a {@link ToldError} does
 * @example
 * import type { Authenticate, Caller } from './authenticate.ts';
 *
 * declare function accountOf(token: string | undefined): Promise<Caller>;
 * const authenticate: Authenticate = async ({ http }) => ({ caller: await accountOf(http?.authInfo?.token) });
 */
export type Authenticate = (context: ServerContext) => Promise<Authenticated | InputRequiredResult>;

/** An error that tells the client more than its cause says, which is what is logged. */
export class ToldError extends Error {
  override readonly name = 'ToldError';

  constructor(message: string, cause: unknown) {
    super(message, { cause });
  }
}

/** What the client is told where nobody was found to call. */
export function refusalMessage(error: unknown): string {
  const gone = filesGone(error);
  if (gone) return gone.message;
  if (error instanceof ToldError || isOmnispindleError(error)) return error.message;
  return l10n.t('Omnispindle could not find out who you are ({0}). Try again.', String(error));
}
