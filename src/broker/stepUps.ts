import * as l10n from '@vscode/l10n';
import type { StepUp, TokenRequest } from '../sessions/tokenSource.ts';
import { AuthError } from '../auth/authError.ts';
import { isRecentAnswer } from '../common/refusals.ts';
import { needsPerson } from '../sessions/silentRequest.ts';
import type { Allowed, Waiting } from './allowed.ts';

/** What a server says of the sign-in that it wants, and of the token that was not enough. */
interface Asked {
  readonly stepUp?: { readonly [Part in keyof StepUp]: StepUp[Part] | undefined } | undefined;
  readonly rejected?: string | undefined;
}

/**
 * Builds, for one key, the question for a stronger sign-in: the person is asked at most once in five minutes, however
 * many calls want it, and their yes counts for the token that was refused then.
 */
export function createStepUps() {
  let last:
    | { readonly wish: string; readonly at: number; readonly answer: Promise<boolean>; agreed?: boolean }
    | undefined;

  function ask(wish: string, question: Promise<boolean>): void {
    const asked: NonNullable<typeof last> = { wish, at: Date.now(), answer: question };
    last = asked;
    question.then(
      yes => (asked.agreed = yes),
      () => undefined,
    );
  }

  /**
   * What the person agrees to; nothing where the server wants nothing.
   * @throws AuthError `access_denied` where they do not agree, `login_required` where nobody may be asked
   */
  return async function agreed(
    { askForStepUp }: Allowed,
    { stepUp: { acrValues, maxAge } = {}, rejected }: Asked,
    waiting: Waiting,
  ): Promise<Pick<TokenRequest, 'hints'>> {
    const stepUp = { ...(acrValues && { acrValues }), ...(maxAge !== undefined && { maxAge }) };
    if (rejected === undefined || Object.keys(stepUp).length === 0) return {};
    const wish = JSON.stringify([stepUp, rejected]);
    if (askForStepUp && waiting.silent && !(last?.wish === wish && last.agreed)) throw needsPerson();
    if (askForStepUp && !isRecentAnswer(last?.at)) ask(wish, askForStepUp(stepUp, waiting));
    if (last?.wish === wish && (await last.answer)) return { hints: stepUp };
    throw new AuthError(
      'access_denied',
      l10n.t(
        'This server wants you to sign in again, and you have not agreed to that. Call the tool again in five minutes, and agree.',
      ),
    );
  };
}
