import * as vscode from 'vscode';
import { AuthError } from '../auth/authError.ts';
import type { Waiting } from '../broker/allowed.ts';
import { plainLine } from '../common/plainText.ts';
import type { AgentConsents } from './agentConsents.ts';
import type { AgentUse } from './agentUse.ts';
import { createPermissions } from './permissions.ts';

/**
 * Lets an agent use a server, where the person has said so, or says so now.
 * @throws AuthError `access_denied` where they do not, `login_required` where nobody may be asked
 */
export type AllowAgent = (use: AgentUse, waiting: Waiting) => Promise<void>;

/**
 * Builds the question whether an agent may use a server. A yes is remembered; after a no, nobody is asked for five minutes.
 * However many calls wait, the person is asked once.
 */
export function createAgentQuestions(consents: AgentConsents): AllowAgent {
  const may = createPermissions();

  async function ask(use: AgentUse): Promise<boolean> {
    const isAllowed = await askForAgent(use);
    if (isAllowed) await consents.add(use);
    return isAllowed;
  }

  return async function allowAgent(use, waiting) {
    if (consents.has(use)) return;
    const key = JSON.stringify([use.server, use.target, use.agent]);
    if (!(await may(key, waiting, () => ask(use)))) throw notAllowed(use);
  };
}

/** The name that an agent gives itself, as a person may read it. */
export function shownAgent({ agent }: Pick<AgentUse, 'agent'>): string {
  return agent === '' ? vscode.l10n.t('an agent that gives no name') : `“${plainLine(agent, 60)}”`;
}

async function askForAgent(use: AgentUse): Promise<boolean> {
  const allow = vscode.l10n.t('Allow');
  const server = plainLine(use.server);
  const answer = await vscode.window.showWarningMessage(
    use.agent === ''
      ? vscode.l10n.t('An agent that gives no name wants to use {0} as you.', server)
      : vscode.l10n.t('An agent that calls itself {0} wants to use {1} as you.', shownAgent(use), server),
    {
      modal: true,
      detail: vscode.l10n.t(
        'It has started {0} by itself, not by this window. Allow it if you are using such an agent now: it can do with {0} all that you can. You are not asked again; "Omnispindle: Take Back What Agents May Use…" takes it back.',
        server,
      ),
    },
    allow,
  );
  return answer === allow;
}

function notAllowed(use: AgentUse): AuthError {
  return new AuthError(
    'access_denied',
    vscode.l10n.t(
      'You did not let {0} use {1}, so its calls fail, and nobody is asked for five minutes. Call the tool again after that, and allow it in the editor.',
      shownAgent(use),
      plainLine(use.server),
    ),
  );
}
