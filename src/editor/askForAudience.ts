import * as vscode from 'vscode';
import { plainLine } from '../common/plainText.ts';
import { DeclinedError } from './declined.ts';

/** What an extension asks for beyond the use of an account. */
export interface AudienceQuestion {
  readonly audience: string;
  readonly scopes: readonly string[];
  /** The accounts that could be meant; the person signs in where there is none. */
  readonly labels: readonly string[];
  /** Whether another account may be chosen. */
  readonly isOpen: boolean;
}

/**
 * Asks whether an extension may have a token for an API. Which extension it is the editor tells nobody but the person, in
 * its own question before.
 * @returns the label of the account; undefined where the person wants to sign in as another one
 * @throws DeclinedError where they do not allow it
 */
export async function askForAudience(question: AudienceQuestion): Promise<string | undefined> {
  const { scopes, labels, isOpen } = question;
  const audience = shown(question.audience);
  const label = labels.length > 1 ? await chooseLabel(question) : labels[0];
  if (label === null) return undefined;
  const allow = vscode.l10n.t('Allow');
  const other = vscode.l10n.t('Use Another Account');
  const answer = await vscode.window.showWarningMessage(
    label === undefined
      ? vscode.l10n.t('An extension asks for a token for the API {0}.', audience)
      : vscode.l10n.t('An extension asks for a token for the API {0}, as {1}.', audience, label),
    {
      modal: true,
      detail: [
        vscode.l10n.t(
          'With it, every extension that you let use this account can act as you at that API. You are not asked again for it.',
        ),
        ...(scopes.length > 0
          ? [vscode.l10n.t('It asks for these scopes: {0}', plainLine(scopes.join(' '), longest))]
          : []),
      ].join('\n'),
    },
    allow,
    ...(isOpen && label !== undefined ? [other] : []),
  );
  if (answer === other) return undefined;
  if (answer === allow) return label;
  throw refused(audience);
}

/** @returns null for another account than those */
async function chooseLabel({ audience, labels, isOpen }: AudienceQuestion): Promise<string | null> {
  const another = { label: vscode.l10n.t('Sign in with another account…') };
  const picked = await vscode.window.showQuickPick<vscode.QuickPickItem>(
    [...labels.map(label => ({ label })), ...(isOpen ? [another] : [])],
    {
      title: vscode.l10n.t('Which account should the token for {0} belong to?', shown(audience)),
      ignoreFocusOut: true,
    },
  );
  if (!picked) throw refused(shown(audience));
  return picked === another ? null : picked.label;
}

function refused(audience: string): DeclinedError {
  return new DeclinedError(
    vscode.l10n.t('You did not allow a token for {0}. Ask again to be asked again.', audience),
  );
}

/** Longest text of another's (UTF-16 units) in a question. */
const longest = 200;

function shown(audience: string): string {
  return plainLine(audience, longest);
}
