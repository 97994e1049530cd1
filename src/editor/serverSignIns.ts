import * as vscode from 'vscode';
import { AuthError } from '../auth/authError.ts';
import type { Waiting } from '../broker/allowed.ts';
import { isOmnispindleError, type ErrorCode } from '../common/errors.ts';
import { plainLine } from '../common/plainText.ts';
import { createRefusals } from '../common/refusals.ts';
import { detachable, type Detachable } from '../sessions/detachable.ts';
import { createOrder } from '../sessions/inOrder.ts';
import { needsPerson } from '../sessions/silentRequest.ts';
import type { EditorAccount } from './accountId.ts';
import { providerId, type Provider } from './authenticationProvider.ts';
import { DeclinedError } from './consent.ts';
import { otherTenantHost } from './settings.ts';

/** A question that only a person who signs in can answer. */
export interface SignInQuestion<T> {
  /** The server that needs it; unknown for one of another extension. */
  readonly server?: string | undefined;
  /** What it is for: of several requests for the same, one asks. */
  readonly purpose: string;
  readonly pending: Map<string, Detachable<T>>;
  /** The account that the server runs as, where the person chose one for it. */
  readonly chosen?: EditorAccount | undefined;
  /** What is wanted, where there is no question about it by now. */
  known(): Promise<T | undefined>;
  /** @throws OmnispindleError */
  ask(): Promise<T>;
}

/** Asks the person to sign in for servers. */
export interface ServerSignIns {
  /**
   * Asks one question at a time, so that all servers that wait share one sign-in. Where the person says no, that server
   * asks nothing more for five minutes, or until somebody signs in.
   * @throws AuthError `access_denied` after a no, `login_required` where nobody may be asked; what `ask` throws
   */
  ask<T>(question: SignInQuestion<T>, waiting: Waiting): Promise<T>;
  /** Lets that server ask again, or every one. */
  forget(server?: string): void;
}

/** What a person brings about who does not want to sign in: by the dialog, the waiting notification or the tenant's page. */
const noes: readonly ErrorCode[] = ['access_denied', 'account_mismatch', 'cancelled'];

/** Builds the {@link ServerSignIns} of this window. */
export function createServerSignIns({
  onDidChangeAccounts,
  lastFailure,
}: Pick<Provider, 'onDidChangeAccounts' | 'lastFailure'>): ServerSignIns & vscode.Disposable {
  const refusals = createRefusals();
  const inOrder = createOrder();
  const watching = onDidChangeAccounts(({ signedIn }) => {
    if (signedIn) refusals.forget();
  });

  function requireNoNo({ server, chosen }: Pick<SignInQuestion<unknown>, 'server' | 'chosen'>): void {
    if (server !== undefined && refusals.has(server)) throw refused(server, chosen);
  }

  async function answerTo<T>(question: SignInQuestion<T>): Promise<T> {
    // Whoever was asked before may have signed in, or said no to another request of this server.
    const known = await question.known();
    if (known) return known;
    requireNoNo(question);
    const { server, chosen } = question;
    const before = lastFailure();
    try {
      return await question.ask();
    } catch (thrown) {
      // The editor passes on no more of our provider's failure than its words.
      const failure = lastFailure();
      const error = failure === before ? thrown : failure;
      const isNo = isOmnispindleError(error) && noes.includes(error.code);
      if (server === undefined || !isNo) throw error;
      refusals.add(server);
      if (!chosen) offerInAccountsMenu();
      throw error instanceof DeclinedError ? refused(server, chosen) : refused(server, chosen, error.message);
    }
  }

  return {
    async ask(question, waiting) {
      requireNoNo(question);
      if (waiting.silent) throw needsPerson();
      const key = JSON.stringify([question.server, question.purpose]);
      return detachable(question.pending, key, waiting, onProgress => {
        const host = otherTenantHost();
        onProgress({ type: 'editor', ...(host !== undefined && { host }) });
        return inOrder('', new AbortController().signal, () => answerTo(question));
      });
    },
    forget: refusals.forget,
    dispose: () => {
      watching.dispose();
    },
  };
}

/** Without a request there is no way to sign in from the Accounts menu, which the refused call tells the person of. */
function offerInAccountsMenu(): void {
  // A request that is not silent and creates nothing only adds its entry to the menu.
  void vscode.authentication.getSession(providerId, []).then(undefined, () => undefined);
}

/** @param reason what the tenant, or the sign-in, says */
function refused(server: string, chosen: EditorAccount | undefined, reason?: string): AuthError {
  const words = chosen
    ? vscode.l10n.t(
        '{0} runs as {1}, who is not signed in. Sign in as {1} from the Accounts menu, or choose another account with "Omnispindle: Choose Account for Server", then call the tool again. Until then its calls fail, and nobody is asked for five minutes.',
        plainLine(server),
        chosen.label,
      )
    : vscode.l10n.t(
        '{0} runs its tools as you, and nobody is signed in. Sign in from the Accounts menu or with "Omnispindle: Sign In", then call the tool again. Until then its calls fail, and nobody is asked for five minutes.',
        plainLine(server),
      );
  return new AuthError('access_denied', reason === undefined ? words : `${reason} ${words}`);
}
