import * as l10n from '@vscode/l10n';
import { isOmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import type { BrokerReply } from './protocol.ts';

/** What a server is told of an error; what is none of ours goes to the log, and only its name. */
export function errorReply(error: unknown, log: Log): BrokerReply {
  if (isOmnispindleError(error)) return { type: 'error', code: error.code, message: error.message };
  log.error(`The broker failed: ${nameOf(error)}`);
  const message = l10n.t('Omnispindle failed. See its log in the editor: "Omnispindle: Show Log".');
  return { type: 'error', code: 'server_error', message };
}

/** For the log. Anything but an error could hold a secret. */
function nameOf(error: unknown): string {
  return error instanceof Error ? String(error) : `it was given ${typeof error} instead of an error`;
}
