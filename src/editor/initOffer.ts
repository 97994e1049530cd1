import * as vscode from 'vscode';
import type { Log } from '../common/log.ts';
import { showError } from './messages.ts';
import { notice } from './notice.ts';
import { bundledValue, ownServerKey, userSetting } from './settings.ts';

/** For which version and server the person was asked, `done` and for which it was written, or `never` where they do not want it. */
const key = 'initOffered';

/**
 * Offers to write our server into this editor's own configuration, once for each version of ours: the bundled one, or
 * the team's, where the setting `omnispindle.server` names one.
 * @param client what `omnispindle init` calls this editor
 */
export async function offerInit(client: string, context: vscode.ExtensionContext, log: Log): Promise<void> {
  const { version } = context.extension.packageJSON as { version: string };
  const before = context.globalState.get(key);
  const own = userSetting(ownServerKey);
  const setting = typeof own === 'string' ? own : bundledValue;
  // What was written for another server does not reach the one that the setting names now.
  const done = `done ${setting}`;
  const asked = setting === bundledValue ? version : `${version} ${setting}`;
  if (before === 'never' || before === asked || before === done) return;
  // Before the question, which the next window would ask as well.
  await context.globalState.update(key, asked);
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
    const [{ runInit }, { teamServer }] = await Promise.all([
      import('./runInit.ts'),
      import('./teamServer.ts'),
    ]);
    await runInit({ client, server: teamServer()?.url }, context, log);
    await context.globalState.update(key, done);
  } catch (error) {
    // To be asked again at the next start.
    await context.globalState.update(key, undefined);
    showError(error, log);
  }
}
