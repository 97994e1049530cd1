import isInsideContainer from 'is-inside-container';
import * as l10n from '@vscode/l10n';
import type { Surroundings } from '../auth/flows/flow.ts';

/** Whether a browser of the person's can open here and come back to this machine, and if not why. */
export function terminalSurroundings(env: NodeJS.ProcessEnv = process.env): Surroundings {
  const reason = whyNoBrowser(env);
  return {
    host: 'terminal',
    browserReachesLoopback: reason === undefined,
    ...(reason !== undefined && { reason }),
  };
}

function whyNoBrowser(env: NodeJS.ProcessEnv): string | undefined {
  // Whoever names a browser says that it can come back.
  if (env['BROWSER']) return undefined;
  if (env['SSH_CONNECTION'] || env['SSH_TTY']) {
    return l10n.t('This is an SSH session, whose browser is on another machine: sign in with a code.');
  }
  if (isInsideContainer()) {
    return l10n.t('This is a container, which a browser cannot come back to: sign in with a code.');
  }
  if (process.platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY'] && !env['WSL_DISTRO_NAME']) {
    return l10n.t('There is no display to open a browser on: sign in with a code.');
  }
  return undefined;
}
