import * as l10n from '@vscode/l10n';
import { terminalAuthenticator } from '../authenticator.ts';
import { readEnvironment } from '../environment.ts';
import { stderrLog } from '../log.ts';
import { good, print, withSpinner } from './output.ts';

export interface LoginOptions {
  readonly device?: boolean;
  readonly signup?: boolean;
  readonly google?: boolean;
  readonly account?: string;
  readonly json?: boolean;
}

/** `omnispindle login`: a new sign-in. Ctrl-C cancels it. @throws AuthError */
export async function login({ device, signup, google, account, json }: LoginOptions): Promise<void> {
  const environment = readEnvironment();
  const authenticator = await terminalAuthenticator(environment, stderrLog(), device ? 'deviceCode' : 'auto');
  const cancel = new AbortController();
  const onInterrupt = () => {
    cancel.abort();
  };
  process.once('SIGINT', onInterrupt);
  try {
    const session = await withSpinner(l10n.t('Waiting for you to sign in…'), () =>
      authenticator.signIn({
        ...(account !== undefined && { account }),
        hints: { ...(signup && { signup }), ...(google && { connection: 'google-oauth2' }) },
        signal: cancel.signal,
      }),
    );
    const who = session.account;
    print(json, { account: who }, good(l10n.t('You are signed in as {0}.', who.label)));
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
