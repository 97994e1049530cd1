import * as l10n from '@vscode/l10n';
import type { Environment } from '../../environment.ts';
import type { Finding } from './finding.ts';

/** A line for a settings file that is there and does not count. That is as it should be where it is not the person's. */
export function settingsFile({ fileNotice }: Environment): Finding[] {
  return fileNotice ? [{ check: l10n.t('Settings file'), ok: true, message: fileNotice.message }] : [];
}
