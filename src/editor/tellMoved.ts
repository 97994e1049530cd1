import * as vscode from 'vscode';
import { plainLine } from '../common/plainText.ts';
import { userDirectory } from '../platform/paths.ts';
import { otherOwners } from '../store/directoryStore.ts';
import { ownersWords } from '../store/ownerWords.ts';
import type { Owner } from '../store/store.ts';
import { notice } from './notice.ts';

/**
 * Says what was moved, and, where accounts other than that owner have something on this machine, what: it may be the same
 * person's, who wrote it at another tenant, and nobody else can know that.
 * @param owner absent where nobody is asked
 * @returns whether the person wants that, too
 */
export async function tellMoved(said: string, owner?: Owner): Promise<boolean> {
  const others = owner ? otherOwners(userDirectory(), owner) : [];
  if (others.length === 0) {
    await vscode.window.showInformationMessage(notice(said));
    return false;
  }
  const take = vscode.l10n.t('Take That Along, Too');
  const question = vscode.l10n.t(
    'Other accounts have something on this machine that was not taken along: {0}. If that is yours, too, it can become that of the account that you have moved.',
    ownersWords(others.map(other => ({ ...other, label: plainLine(other.sub) }))),
  );
  return (await vscode.window.showInformationMessage(notice(`${said} ${question}`), take)) === take;
}
