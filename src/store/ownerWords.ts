import * as l10n from '@vscode/l10n';
import { plainLine } from '../common/plainText.ts';
import type { OwnerCounts } from './directoryStore.ts';

/** An owner, and what people call it. */
export type Labelled<T> = T & { readonly label: string };

/** What accounts have on this machine, for people. */
export function ownersWords(owners: readonly Labelled<OwnerCounts>[]): string {
  const each = owners.map(({ label, issuer, todos, lessons }) =>
    l10n.t(
      '{0} at {1} (todos: {2}, lessons: {3})',
      label,
      plainLine(URL.parse(issuer)?.host ?? issuer),
      String(todos),
      String(lessons),
    ),
  );
  return each.join('; ');
}
