import * as vscode from 'vscode';
import type { Log } from '../auth/log.ts';
import { redact } from '../auth/redact.ts';

/** The "Omnispindle" output channel; whatever looks like a secret is masked on its way. */
export function createLog(): { log: Log; channel: vscode.LogOutputChannel } {
  const channel = vscode.window.createOutputChannel('Omnispindle', { log: true });
  const log: Log = {
    debug: message => {
      channel.debug(redact(message));
    },
    info: message => {
      channel.info(redact(message));
    },
    warn: message => {
      channel.warn(redact(message));
    },
    error: message => {
      channel.error(redact(message));
    },
  };
  return { log, channel };
}
