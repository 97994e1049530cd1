import * as l10n from '@vscode/l10n';
import { createVerifier } from '../../../auth/verify.ts';
import { messageOf } from '../../../common/errors.ts';
import type { Environment } from '../../environment.ts';
import { verifyEnvironmentToken } from '../../environmentToken.ts';
import type { Finding } from './finding.ts';

/** What the environment sets that decides all else: a line for each that is there. */
export async function environmentFindings(environment: Environment): Promise<Finding[]> {
  return [...settingsFile(environment), ...(await token(environment))];
}

/** A line for a settings file that is there and does not count. That is as it should be where it is not the person's. */
function settingsFile({ fileNotice }: Environment): Finding[] {
  return fileNotice ? [{ check: l10n.t('Settings file'), ok: true, message: fileNotice.message }] : [];
}

/** Where it is set, no sign-in counts. */
async function token({ environmentToken: given, tenant }: Environment): Promise<Finding[]> {
  if (!given) return [];
  const check = 'AUTH0_TOKEN';
  try {
    await verifyEnvironmentToken(given, createVerifier(tenant));
    const message = l10n.t('the one from {0} is good, and is used instead of any sign-in.', given.origin);
    return [{ check, ok: true, message }];
  } catch (error) {
    return [{ check, ok: false, message: messageOf(error) }];
  }
}
