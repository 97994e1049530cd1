import * as vscode from 'vscode';
import type { Log } from '../common/log.ts';
import { plainText } from '../common/plainText.ts';
import { redact } from '../common/redact.ts';

/** The "Omnispindle" output channel; whatever looks like a secret is masked on its way. */
export function createLog(): { log: Log; channel: vscode.LogOutputChannel } {
  const channel = vscode.window.createOutputChannel('Omnispindle', { log: true });
  const log: Log = {
    debug: message => {
      channel.debug(shown(message));
    },
    info: message => {
      channel.info(shown(message));
    },
    warn: message => {
      channel.warn(shown(message));
    },
    error: message => {
      channel.error(shown(message));
    },
  };
  return { log, channel };
}

/** What follows a message's first line is indented, so that no text from outside can look like an entry of ours. */
function shown(message: string): string {
  return redact(plainText(message)).replaceAll('\n', '\n  ');
}
