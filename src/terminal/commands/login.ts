import * as l10n from '@vscode/l10n';
import { announce } from '../announce.ts';
import { terminalAuthenticator } from '../authenticator.ts';
import { noticesOf, readEnvironment } from '../environment.ts';
import { interruptible } from '../interruptible.ts';
import { stderrLog } from '../log.ts';
import { good, print, withSpinner } from './output.ts';

/** The options of `login`, as typed. */
export interface LoginOptions {
  readonly device?: boolean;
  readonly signup?: boolean;
  readonly google?: boolean;
  readonly account?: string;
  readonly envFile?: string;
  readonly json?: boolean;
}

/** `omnispindle login`: a new sign-in, or the one that another process has open. @throws OmnispindleError, Interrupted */
export async function login({ device, signup, google, account, envFile, json }: LoginOptions): Promise<void> {
  const environment = await readEnvironment({ envFile });
  announce(noticesOf(environment));
  const wanted = account ?? environment.account;
  const log = stderrLog();
  const authenticator = await terminalAuthenticator({
    ...environment,
    log,
    flow: device ? 'deviceCode' : 'auto',
  });
  const session = await interruptible(signal =>
    withSpinner(l10n.t('Waiting for you to sign in…'), () =>
      authenticator.signIn({
        ...(wanted !== undefined && { account: wanted }),
        hints: { ...(signup && { signup }), ...(google && { connection: 'google-oauth2' }) },
        signal,
      }),
    ),
  );
  if (environment.environmentToken) {
    log.warn(
      l10n.t(
        'The AUTH0_TOKEN from {0} is used instead of any sign-in. Remove it to use this one.',
        environment.environmentToken.origin,
      ),
    );
  }
  const who = session.account;
  print(json, { account: who }, good(l10n.t('You are signed in as {0}.', who.label)));
}
