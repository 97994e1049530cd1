import * as vscode from 'vscode';
import { plainLine } from '../common/plainText.ts';
import type { AgentConsents } from './agentConsents.ts';
import type { AgentUse } from './agentUse.ts';
import { shownAgent } from './agentQuestions.ts';
import { notice } from './notice.ts';

/**
 * Asks which agents may not use which servers any more, and takes that back.
 * @param onRevoked ends what they use now
 */
export async function revokeAgents(
  consents: AgentConsents,
  onRevoked: (uses: readonly AgentUse[]) => void,
): Promise<void> {
  const items = consents.list().map(use => ({
    label: plainLine(use.server),
    description: shownAgent(use),
    use,
  }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('You let no agent use a server.'));
    return;
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Which of these may not be used any more?'),
    canPickMany: true,
  });
  if (!picked || picked.length === 0) return;
  const uses = picked.map(({ use }) => use);
  await consents.remove(uses);
  onRevoked(uses);
  void vscode.window.showInformationMessage(
    notice(
      vscode.l10n.t(
        'You are asked again when they want to use: {0}.',
        uses.map(({ server }) => plainLine(server)).join(', '),
      ),
    ),
  );
}
