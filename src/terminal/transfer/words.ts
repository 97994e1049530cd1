import * as l10n from '@vscode/l10n';
import type { OwnerCounts } from '../../store/directoryStore.ts';
import { ownersWords, type Labelled } from '../../store/ownerWords.ts';
import type { ImportCounts, TypeCounts } from '../../store/transfer/records.ts';

/** How many records of each type there are, for people. */
export function typeWords({ todo, lesson, log }: Readonly<TypeCounts>): string {
  return l10n.t('todos: {0}, lessons: {1}, log entries: {2}', String(todo), String(lesson), String(log));
}

/** What became of records, for people. */
export function countWords({ added, same, newer, older }: ImportCounts): string {
  const words = [l10n.t('added: {0}, there already: {1}', String(added), String(same))];
  if (newer > 0) words.push(l10n.t('newer than what was there, which they replaced: {0}', String(newer)));
  if (older > 0) words.push(l10n.t('older than what is there, which stays: {0}', String(older)));
  if (newer + older > 0) words.push(l10n.t('what only the older version had is in the log'));
  return words.join('; ');
}

/** What accounts have on this machine that was not taken along, for people. @param others with what each is called */
export function othersWords(others: readonly Labelled<OwnerCounts>[]): string {
  return l10n.t(
    'Other accounts have something on this machine that was not taken along: {0}. If that is yours, too, add {1} to the command.',
    ownersWords(others),
    '--from-all',
  );
}
