import * as vscode from 'vscode';
import type { Log } from '../common/log.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { isMarkedKept, markKept } from './keptMark.ts';
import { openOrShow } from './openAddress.ts';
import { sessionIndex } from './secretSessionStore.ts';

/** What the person does not want to hear of again. */
const silentKey = 'lostSessionsSilent';
/** VS Code's own guide to keyrings (Settings Sync, "Troubleshooting keychain issues"), where VS Code itself leads to. */
const guide = 'https://go.microsoft.com/fwlink/?linkid=2239490';

/** Where sessions were kept, and where that is noted. */
export interface LostSessionsOptions {
  readonly context: Pick<vscode.ExtensionContext, 'extension' | 'globalState' | 'secrets'>;
  readonly store: SessionStore;
  readonly log: Log;
}

/**
 * Says that the editor has lost what was stored in its secret storage, where it has: without a keyring VS Code keeps that
 * in memory alone, and removes what it cannot decrypt.
 */
export async function tellOfLostSessions(options: LostSessionsOptions): Promise<void> {
  if (await areLost(options)) await say(options);
}

async function areLost({ context, store }: LostSessionsOptions): Promise<boolean> {
  const { globalState, secrets } = context;
  // What cannot be decrypted is removed when it is read.
  await store.list();
  if ((await store.keys()).length > 0) return false;
  // Where this is left, everything else was signed out, by another profile for example.
  if ((await secrets.get(sessionIndex)) !== undefined) return false;
  return isMarkedKept(globalState);
}

async function say({ context, log }: LostSessionsOptions): Promise<void> {
  const { globalState, extension } = context;
  await markKept(globalState, false);
  const isHere = extension.extensionKind === vscode.ExtensionKind.UI;
  const mayBeLinux = process.platform === 'linux' || !isHere;
  const what = vscode.l10n.t('You have to sign in again: the editor has not kept your last sign-in.');
  const advice = mayBeLinux
    ? vscode.l10n.t(
        'On Linux it needs a keyring: install gnome-keyring, run "Preferences: Configure Runtime Arguments", set "password-store" to "gnome-libsecret" there, and restart the editor.',
      )
    : vscode.l10n.t('Where that happens at each start, its keychain does not work; the guide helps.');
  log.warn(`${what} ${advice}`);
  if (globalState.get(silentKey) === true) return;
  const openGuide = vscode.l10n.t('Open Guide');
  const configure = vscode.l10n.t('Configure Runtime Arguments');
  const silence = vscode.l10n.t('Don’t Show Again');
  const choice = await vscode.window.showWarningMessage(
    `${what} ${advice}`,
    openGuide,
    ...(mayBeLinux ? [configure] : []),
    silence,
  );
  if (choice === openGuide) await openOrShow(guide);
  if (choice === configure) {
    await vscode.commands.executeCommand('workbench.action.configureRuntimeArguments');
  }
  if (choice === silence) await globalState.update(silentKey, true);
}
