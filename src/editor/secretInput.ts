import * as vscode from 'vscode';
import { plainLine } from '../common/plainText.ts';
import type { ConfiguredServer } from './configuredServers.ts';
import { targetOf } from './launch.ts';

/** Asks for the value of a secret, which nobody sees. @returns undefined where the person gives none */
export function askForValue(title: string, prompt: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title,
    prompt,
    password: true,
    ignoreFocusOut: true,
    validateInput: value => (value === '' ? vscode.l10n.t('Give the value.') : undefined),
  });
}

/** Asks for a secret that a server needs and this editor does not have. */
export async function askForMissing(
  secret: string,
  server: string,
  configured: ConfiguredServer,
): Promise<string | undefined> {
  return askForValue(
    vscode.l10n.t('{0} needs the secret {1}', plainLine(server), plainLine(secret)),
    vscode.l10n.t(
      'The editor keeps it in its secret storage. It goes to {0}, and nowhere else.',
      plainLine(targetOf(configured), 200),
    ),
  );
}
