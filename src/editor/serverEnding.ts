import * as vscode from 'vscode';
import { isOmnispindleError } from '../common/errors.ts';
import { issuerOf } from '../auth/tenant.ts';
import type { ConfiguredServer } from './configuredServers.ts';
import { targetOf } from './launch.ts';
import type { Step } from './multiStep.ts';
import type { Ending } from './secretSteps.ts';
import { askForDefault, declaredAudienceOf } from './serverAudience.ts';
import type { ServerAnswers } from './serverAnswers.ts';
import type { ServerDraft } from './serverDraft.ts';
import { tenantSetting } from './settings.ts';

/** What the end of the questions stands on. */
export interface EndingOptions {
  readonly draft: ServerDraft;
  readonly name: string;
  readonly core: ConfiguredServer;
  readonly answers: ServerAnswers;
  /** The question for the address. */
  readonly edit: Step;
}

/** Finds out for which API a remote server's tokens are, or asks whether it may have those for the default one. */
export function serverEnding({ draft, name, core, answers, edit }: EndingOptions): Ending {
  if (!('url' in core)) {
    return { checking: '', check: () => Promise.resolve(undefined), next: () => Promise.resolve('done') };
  }
  /** Whether it has said which API, or is to be asked when it starts. */
  let isSettled = false;
  return {
    checking: vscode.l10n.t('Asking {0} which API its tokens are for…', name),
    async check() {
      const headers = Object.fromEntries(
        draft.fields.filter(field => field.name !== '').map(field => [field.name, field.value]),
      );
      try {
        isSettled = (await declaredAudienceOf({ ...core, headers }, issuerOf(tenantSetting()))) !== undefined;
      } catch (error) {
        if (!isOmnispindleError(error)) throw error;
        isSettled = true;
        // Who gives no answer now is asked when it starts.
        if (error.code !== 'server_error') return error.message;
      }
      return undefined;
    },
    async next(found) {
      if (found !== undefined) return unlessEdited(found, { edit, onward: 'done' });
      const { audience } = tenantSetting();
      const asked = { target: targetOf(core), audience };
      if (isSettled || answers.mayHaveDefault(asked)) return 'done';
      if (!(await askForDefault(name, core, audience))) return 'cancelled';
      draft.allowed = asked;
      return 'done';
    },
  };
}

/** Where a problem leads. */
export interface WaysOn {
  /** The question that can be answered again. */
  readonly edit: Step;
  /** What comes next where the person does not mind the problem. */
  readonly onward: Step | 'done';
  /** The button that leads to `edit`; that for an address where absent. */
  readonly editButton?: string;
}

/** Says what speaks against what was given, and asks what to do. */
export async function unlessEdited(
  problem: string,
  { edit, onward, editButton = vscode.l10n.t('Edit Address') }: WaysOn,
): Promise<Step | 'cancelled' | 'done'> {
  const anyway = vscode.l10n.t('Add Anyway');
  // The first is the default one.
  const answer = await vscode.window.showWarningMessage(problem, { modal: true }, editButton, anyway);
  if (answer === editButton) return edit;
  return answer === anyway ? onward : 'cancelled';
}
