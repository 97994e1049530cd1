import { spawn } from 'node:child_process';
import * as l10n from '@vscode/l10n';
import type { SignInUi } from '../auth/flows/flow.ts';

/**
 * Reaches the person from a terminal or a server without a window: by a browser and on stderr.
 * `BROWSER` names the command that opens one; `none` prints the address only.
 */
export function terminalUi(env: NodeJS.ProcessEnv = process.env): SignInUi {
  const say = (message: string) => process.stderr.write(`${message}\n`);
  return {
    async openBrowser(url) {
      const opened = env['BROWSER'] !== 'none' && (await openWith(env['BROWSER'], url));
      say(
        opened
          ? l10n.t('Your browser opens to sign you in. If it does not, open {0}', url)
          : l10n.t('To sign in, open this address in a browser: {0}', url),
      );
      return opened;
    },
    async showDeviceCode({ userCode, verificationUri, verificationUriComplete }) {
      say(l10n.t('To sign in, open {0} and enter the code {1}', verificationUri, userCode));
      if (env['BROWSER'] && env['BROWSER'] !== 'none') {
        await openWith(env['BROWSER'], verificationUriComplete ?? verificationUri);
      }
    },
  };
}

async function openWith(command: string | undefined, url: string): Promise<boolean> {
  try {
    if (command) {
      await started(spawn(command, [url], { stdio: 'ignore', detached: true }));
    } else {
      const { default: open } = await import('open');
      await started(await open(url));
    }
    return true;
  } catch {
    return false;
  }
}

function started(child: ReturnType<typeof spawn>): Promise<void> {
  child.unref();
  if (child.pid !== undefined) return Promise.resolve();
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}
