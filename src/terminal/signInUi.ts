import { openBrowser } from './browser.ts';
import type { SignInUi } from '../auth/flows/flow.ts';

/** Reaches the person from a terminal or a server without a window. What there is to say goes to stderr elsewhere. */
export function terminalUi(env: NodeJS.ProcessEnv = process.env): SignInUi {
  return {
    openBrowser: url => openBrowser(url, env),
    async showDeviceCode({ verificationUri, verificationUriComplete }) {
      if (env['BROWSER']) await openBrowser(verificationUriComplete ?? verificationUri, env);
    },
  };
}
