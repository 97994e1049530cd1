import * as vscode from 'vscode';
import type { Allowed } from '../broker/allowed.ts';
import { plainLine } from '../common/plainText.ts';
import type { StepUp } from '../sessions/tokenSource.ts';
import { createPermissions } from './permissions.ts';
import type { AskedServer, ServerAnswers } from './serverAnswers.ts';
import { waitsForAnswer } from './waitsForAnswer.ts';

/** A server that may ask for scopes. */
export interface AskingServer extends AskedServer {
  readonly name: string;
  /** The label of the account that it runs as. */
  readonly account: string;
}

/**
 * Builds the questions for what a server lacks: scopes by name, of which a yes is remembered, and a no for five minutes,
 * and a stronger sign-in. However many calls wait, the person is asked once.
 */
export function createServerQuestions(answers: ServerAnswers) {
  const may = createPermissions();

  async function ask(server: AskingServer, scopes: readonly string[]): Promise<boolean> {
    const allow = vscode.l10n.t('Allow');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('{0} asks for {1}.', plainLine(server.name), plainLine(scopes.join(', '))),
      {
        modal: true,
        detail: vscode.l10n.t(
          'It runs as {0}, and wants these scopes for the API {1}. You are not asked again for them.',
          plainLine(server.account),
          plainLine(server.audience),
        ),
      },
      allow,
    );
    if (answer !== allow) return false;
    await answers.allowScopes(server, scopes);
    return true;
  }

  return function questionsOf(
    server: AskingServer,
  ): Required<Pick<Allowed, 'askForScopes' | 'askForStepUp'>> {
    return {
      async askForScopes(scopes, waiting) {
        if (scopes.every(scope => answers.scopes(server).includes(scope))) return true;
        const key = JSON.stringify([server.target, server.audience, ...scopes.toSorted()]);
        return may(key, waiting, () => ask(server, scopes));
      },
      askForStepUp(stepUp, waiting) {
        waiting.onProgress?.(waitsForAnswer());
        return askToSignIn(server, stepUp);
      },
    };
  };
}

/** Asks whether the person will sign in again, in the way that a server wants (RFC 9470). */
async function askToSignIn({ name, account }: AskingServer, stepUp: StepUp): Promise<boolean> {
  const { describeStepUp } = await import('../bridge/remote/consent/wish.ts');
  const yes = vscode.l10n.t('Sign In');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('{0} asks you to sign in again: {1}.', plainLine(name), describeStepUp(stepUp)),
    {
      modal: true,
      detail: vscode.l10n.t('It runs as {0}. A page of your tenant opens then.', plainLine(account)),
    },
    yes,
  );
  return answer === yes;
}
