import { hostname } from 'node:os';
import isInsideContainer from 'is-inside-container';
import * as l10n from '@vscode/l10n';
import { plainLine } from '../common/plainText.ts';
import { sayOnStderr } from './sayOnStderr.ts';

/** A machine, as far as it decides how its place is called. */
export interface Machine {
  readonly env: NodeJS.ProcessEnv;
  readonly host: string;
  readonly isContainer: boolean;
}

/**
 * Where this process runs, in words. In an editor that is connected to another machine, to WSL or to a container, the
 * servers run there, with its files and its network, and not where the window is.
 */
export function placeInWords({ env, host, isContainer }: Machine): string {
  const { CODESPACE_NAME: codespace, WSL_DISTRO_NAME: distribution } = env;
  const name = plainLine(host, 100);
  if (codespace) return l10n.t('This server runs in the codespace {0}.', plainLine(codespace, 100));
  if (isContainer) return l10n.t('This server runs in the container {0}.', name);
  if (distribution) {
    return l10n.t('This server runs in WSL, in {0} on {1}.', plainLine(distribution, 100), name);
  }
  if (env['SSH_CONNECTION'] || env['SSH_CLIENT']) {
    return l10n.t('This server runs on {0}, which is connected to over SSH.', name);
  }
  return l10n.t('This server runs on {0}.', name);
}

/** Says on stderr, which editors show as the server's log, where it runs. */
export function sayPlace(env: NodeJS.ProcessEnv = process.env): void {
  sayOnStderr(`omnispindle: ${placeInWords({ env, host: hostname(), isContainer: isInsideContainer() })}`);
}
