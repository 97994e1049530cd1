import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { messageOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import type { SettingMistake } from './configuredServers.ts';
import { notice } from './notice.ts';
import { whenFocused } from './whenFocused.ts';

/** A digest of the mistakes that the person was told of. */
const key = 'settingMistakes';
/** How many mistakes one message names. */
const mostShown = 4;

/** Tells the person what is wrong with the settings of servers. */
export interface SettingMistakes extends vscode.Disposable {
  /** Of the same mistakes it tells once, whichever window finds them. */
  tell(mistakes: readonly SettingMistake[]): void;
}

/** Builds the {@link SettingMistakes} of this window; `state` is what all windows share. */
export function createSettingMistakes(state: vscode.Memento, log: Log): SettingMistakes {
  let last: string | undefined;
  let waiting: vscode.Disposable | undefined;

  async function say(mistakes: readonly SettingMistake[], digest: string): Promise<void> {
    if (state.get(key) === digest) return;
    await state.update(key, digest);
    const open = vscode.l10n.t('Open Settings');
    const choice = await vscode.window.showErrorMessage(notice(messageFor(mistakes)), open);
    if (choice !== open) return;
    const { openServerSetting } = await import('./openServerSetting.ts');
    await openServerSetting(mistakes[0]);
  }

  return {
    tell(mistakes) {
      const text = mistakes.map(mistake => mistake.text).join('\n');
      if (text === last) return;
      last = text;
      waiting?.dispose();
      for (const { setting, text } of mistakes) log.warn(`The setting ${setting}: ${text}`);
      if (text === '') {
        // Made again, they are told again.
        if (state.get(key) !== undefined) void state.update(key, undefined);
        return;
      }
      const digest = createHash('sha256').update(text).digest('base64');
      waiting = whenFocused(() => {
        say(mistakes, digest).catch((error: unknown) => {
          log.error(messageOf(error));
        });
      });
    },
    dispose() {
      waiting?.dispose();
    },
  };
}

/** What is wrong, in one message, setting by setting. */
export function messageFor(mistakes: readonly SettingMistake[]): string {
  const shown = mistakes.slice(0, mostShown);
  const settings = [...new Set(shown.map(({ setting }) => setting))];
  const words = settings.flatMap(setting => {
    const isIts = (mistake: SettingMistake) => mistake.setting === setting;
    const count = mistakes.filter(isIts).length;
    return [
      count === 1
        ? vscode.l10n.t('The setting {0} has a mistake.', setting)
        : vscode.l10n.t('The setting {0} has {1} mistakes.', setting, count),
      ...shown.filter(isIts).map(({ text }) => text),
    ];
  });
  const isMore = mistakes.length > shown.length;
  return [...words, ...(isMore ? [vscode.l10n.t('Omnispindle’s log has all of them.')] : [])].join(' ');
}
