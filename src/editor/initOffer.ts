import * as vscode from 'vscode';
import type { Log } from '../common/log.ts';
import { showError } from './messages.ts';
import { notice } from './notice.ts';

/** For which version the person was asked, or `never` where they do not want it. */
const key = 'initOffered';

/**
 * Offers to write our server into this editor's own configuration, once for each version of ours.
 * @param client what `omnispindle init` calls this editor
 */
export async function offerInit(client: string, context: vscode.ExtensionContext, log: Log): Promise<void> {
  const { version } = context.extension.packageJSON as { version: string };
  const before = context.globalState.get(key);
  if (before === 'never' || before === version) return;
  // Before the question, which the next window would ask as well.
  await context.globalState.update(key, version);
  const add = vscode.l10n.t('Add Omnispindle');
  const never = vscode.l10n.t("Don't Show Again");
  const { appName } = vscode.env;
  const answer = await vscode.window.showInformationMessage(
    notice(
      vscode.l10n.t(
        '{0} takes no MCP servers from extensions. Add Omnispindle’s server to the configuration of {0}, so that its agents have the tools?',
        appName,
      ),
    ),
    add,
    never,
  );
  if (answer === never) await context.globalState.update(key, 'never');
  if (answer !== add) return;
  try {
    const { runInit } = await import('./runInit.ts');
    await runInit(client, context, log);
    await context.globalState.update(key, 'never');
  } catch (error) {
    // To be asked again at the next start.
    await context.globalState.update(key, undefined);
    showError(error, log);
  }
}
