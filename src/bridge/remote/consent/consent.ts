import * as l10n from '@vscode/l10n';
import { createRefusals, isRecentAnswer } from '../../../common/refusals.ts';
import { scopesFor } from '../../../sessions/accessTokens.ts';
import type { StepUp } from '../../../sessions/tokenSource.ts';
import type { ConsentMemory } from './memory.ts';
import { describeStepUp, mostScopes, NotAllowedError, type Wish } from './wish.ts';

/** What a person says to a question: undefined where they were not asked, or did not answer. */
export type Decision = 'accept' | 'decline' | undefined;

/** What the person allows a server. */
export interface Consent {
  /** Hears as whom the tokens are. */
  runsAs(account: string | undefined): void;
  /** Which of the scopes that the server wants the person has not allowed it. */
  refused(scopes: readonly string[]): Promise<readonly string[]>;
  /** Whether the person will sign in as the server wants, because of that token. */
  agreesTo(stepUp: StepUp, rejected: string): boolean;
  /**
   * Has the person asked for what a call lacks, once for all calls that lack it.
   * @param ask puts the question to the client
   * @param onWait told where another call has asked it already
   * @returns whether it is allowed now, so that the call can be sent again
   */
  decide(error: unknown, ask: (text: string) => Promise<Decision>, onWait?: () => void): Promise<boolean>;
}

/** How the person's word is kept. */
export interface ConsentOptions {
  readonly url: URL;
  /** The scopes that are configured for the server. */
  readonly scopes: readonly string[];
  readonly memory: ConsentMemory;
}

/** Where the editor that started us asks the person, and knows what they said: the server may want anything. */
export const consentOfEditor: Consent = {
  runsAs: () => undefined,
  refused: () => Promise.resolve([]),
  agreesTo: () => true,
  decide: () => Promise.resolve(false),
};

/** Keeps what the person allows a server, by the account that its tokens are of. */
export function createConsent({ url, scopes: configured, memory }: ConsentOptions): Consent {
  let account: string | undefined;
  let agreed: { readonly stepUp: string; readonly rejected: string } | undefined;
  const pending = new Map<string, Promise<boolean>>();
  const declined = createRefusals();

  async function mayAsk(wish: Wish, key: string): Promise<boolean> {
    if (declined.has(key)) return false;
    const { scopes, stepUpAt } = await memory.get(account);
    return 'scopes' in wish
      ? new Set([...scopes, ...wish.scopes]).size <= mostScopes
      : !isRecentAnswer(stepUpAt);
  }

  async function note(wish: Wish, key: string, decision: Decision): Promise<boolean> {
    const before = await memory.get(account);
    if ('stepUp' in wish) {
      if (decision !== undefined) await memory.set(account, { ...before, stepUpAt: Date.now() });
      if (decision === 'accept') agreed = { stepUp: JSON.stringify(wish.stepUp), rejected: wish.rejected };
    } else if (decision === 'accept') {
      await memory.set(account, { ...before, scopes: [...new Set([...before.scopes, ...wish.scopes])] });
    }
    if (decision === 'decline') declined.add(key);
    return decision === 'accept';
  }

  return {
    runsAs(whose) {
      account = whose;
    },
    async refused(scopes) {
      const allowed = scopesFor([...configured, ...(await memory.get(account)).scopes]);
      return scopes.filter(scope => !allowed.includes(scope));
    },
    agreesTo: (stepUp, rejected) => agreed?.rejected === rejected && agreed.stepUp === JSON.stringify(stepUp),
    async decide(error, ask, onWait) {
      const wish = error instanceof NotAllowedError ? error.wish : undefined;
      if (!wish) return false;
      const key = JSON.stringify([account, 'scopes' in wish ? wish.scopes.toSorted() : wish]);
      const work = async () => {
        if (!(await mayAsk(wish, key))) return false;
        return note(wish, key, await ask(questionFor(url, wish)));
      };
      if (pending.has(key)) onWait?.();
      const asking = pending.get(key) ?? work().finally(() => pending.delete(key));
      pending.set(key, asking);
      return asking;
    },
  };
}

function questionFor({ origin }: URL, wish: Wish): string {
  return 'scopes' in wish
    ? l10n.t(
        '{0} asks for {1}. Do you allow it that? It counts from now on, for this server alone; a page of your tenant may open, to sign in.',
        origin,
        wish.scopes.join(', '),
      )
    : l10n.t(
        '{0} asks you to sign in again: {1}. Do you want to? A page of your tenant opens then.',
        origin,
        describeStepUp(wish.stepUp),
      );
}
