import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/authError.ts';
import type { Waiting } from '../broker/allowed.ts';
import { isOmnispindleError, type ErrorCode } from '../common/errors.ts';
import { plainLine } from '../common/plainText.ts';
import { createRefusals } from '../common/refusals.ts';
import { detachable, type Detachable } from '../sessions/detachable.ts';
import { createOrder } from '../sessions/inOrder.ts';
import { needsPerson } from '../sessions/silentRequest.ts';
import type { EditorAccount } from './accountId.ts';
import type { Provider } from './authenticationProvider.ts';
import { DeclinedError } from './declined.ts';

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

/** What tells of sign-ins, and where the person may still sign in after a no. */
export interface ServerSignInsOptions {
  readonly provider: Pick<Provider, 'onDidChangeAccounts' | 'lastFailure'>;
  /** The host people sign in at, where it is not Omnispindle’s own. */
  host(): string | undefined;
  /** Leaves the person a way to sign in without a question. */
  offer(): void;
}

/** Builds the {@link ServerSignIns} of this window. */
export function createServerSignIns({
  provider,
  host,
  offer,
}: ServerSignInsOptions): ServerSignIns & { dispose(): void } {
  const waitingFor = new Map<string, number>();
  const refusals = createRefusals();
  const inOrder = createOrder();
  const watching = provider.onDidChangeAccounts(({ signedIn }) => {
    if (signedIn) refusals.forget();
  });

  function requireNoNo({ server, chosen }: Pick<SignInQuestion<unknown>, 'server' | 'chosen'>): void {
    if (server !== undefined && refusals.has(server)) throw refused(server, chosen);
  }

  /** Counts a request that waits for that answer. @returns what takes it away again */
  function join(key: string): () => void {
    waitingFor.set(key, (waitingFor.get(key) ?? 0) + 1);
    return () => {
      const left = (waitingFor.get(key) ?? 0) - 1;
      if (left > 0) waitingFor.set(key, left);
      else waitingFor.delete(key);
    };
  }

  async function answerTo<T>(question: SignInQuestion<T>, key: string): Promise<T> {
    // Whoever was asked before may have signed in, or said no to another request of this server.
    const known = await question.known();
    if (known) return known;
    requireNoNo(question);
    if (!waitingFor.has(key)) throw nobodyWaits();
    const { server, chosen } = question;
    const before = provider.lastFailure();
    try {
      return await question.ask();
    } catch (thrown) {
      // The editor passes on no more of our provider's failure than its words.
      const failure = provider.lastFailure();
      const error = failure === before ? thrown : failure;
      const isNo = isOmnispindleError(error) && noes.includes(error.code);
      if (server === undefined || !isNo) throw error;
      refusals.add(server);
      if (!chosen) offer();
      throw error instanceof DeclinedError ? refused(server, chosen) : refused(server, chosen, error.message);
    }
  }

  return {
    async ask(question, waiting) {
      if (waiting.silent) throw needsPerson();
      requireNoNo(question);
      const key = JSON.stringify([question.server, question.purpose]);
      const leave = join(key);
      try {
        return await detachable(question.pending, key, waiting, onProgress => {
          const otherHost = host();
          onProgress({ type: 'editor', ...(otherHost !== undefined && { host: otherHost }) });
          return inOrder('', new AbortController().signal, () => answerTo(question, key));
        });
      } finally {
        leave();
      }
    },
    forget: refusals.forget,
    dispose: () => {
      watching.dispose();
    },
  };
}

/** Whoever needed it has gone while another question was open. */
function nobodyWaits(): AuthError {
  return new AuthError('cancelled', l10n.t('Nothing waits for this sign-in any more.'));
}

/** @param reason what the tenant, or the sign-in, says */
function refused(server: string, chosen: EditorAccount | undefined, reason?: string): AuthError {
  const words = chosen
    ? l10n.t(
        '{0} runs as {1}, who is not signed in. Sign in as {1} with "Omnispindle: Sign In", or choose another account with "Omnispindle: Choose Account for MCP Server…", then call the tool again. Until then its calls fail, and nobody is asked for five minutes.',
        plainLine(server),
        chosen.label,
      )
    : l10n.t(
        '{0} runs its tools as you, and nobody is signed in. Sign in from the Accounts menu or with "Omnispindle: Sign In", then call the tool again. Until then its calls fail, and nobody is asked for five minutes.',
        plainLine(server),
      );
  return new AuthError('access_denied', reason === undefined ? words : `${reason} ${words}`);
}
