import * as l10n from '@vscode/l10n';
import type { LoginHints } from '../../auth/flows/flow.ts';
import { issuerOf, type Tenant } from '../../auth/tenant.ts';
import { plainLine } from '../../common/plainText.ts';
import { keyOf } from '../../sessions/session.ts';
import { announce } from '../announce.ts';
import { terminalAuthenticator } from '../authenticator.ts';
import { noticesOf, readEnvironment } from '../environment.ts';
import { interruptible } from '../interruptible.ts';
import { stderrLog } from '../log.ts';
import { readInvitation } from './login/invitation.ts';
import { tellPerson } from './login/tell.ts';
import { good, print, withSpinner } from './output.ts';

/** The options of `login`, as typed. */
export interface LoginOptions {
  readonly device?: boolean;
  readonly signup?: boolean;
  readonly google?: boolean;
  /** Whether the login page asks who it is, also where the browser is logged in. */
  readonly fresh?: boolean;
  /** The link of an invitation; `-` reads it from stdin. */
  readonly invitation?: string;
  readonly account?: string;
  readonly organization?: string;
  readonly envFile?: string;
  readonly json?: boolean;
  /** Whether it is not said what to do next: whoever asked to sign in says that. */
  readonly isPart?: boolean;
}

/** `omnispindle login`: a new sign-in, or the one that another process has open. @throws OmnispindleError, Interrupted */
export async function login(options: LoginOptions): Promise<void> {
  const { device, account, organization, envFile, json } = options;
  const environment = await readEnvironment({ envFile, organization });
  announce(noticesOf(environment));
  const wanted = account ?? environment.account;
  const log = stderrLog();
  // Whoever reads what a program writes gets the address at once.
  const person = process.stderr.isTTY ? tellPerson() : undefined;
  const authenticator = await terminalAuthenticator({
    ...environment,
    log,
    flow: device ? 'deviceCode' : 'auto',
    ...(person && { onProgress: person.onProgress }),
  });
  const before = await authenticator.list();
  // Somebody is signed in, and nobody is named: it is another account that is wanted.
  const isAnother = options.fresh === true || (wanted === undefined && before.length > 0);
  const hints = await hintsOf(options, isAnother);
  const session = await interruptible(signal =>
    withSpinner(l10n.t('Waiting for you to sign in…'), () =>
      authenticator.signIn({ ...(wanted !== undefined && { account: wanted }), hints, signal }),
    ),
  ).finally(() => person?.stop());
  if (environment.environmentToken) {
    log.warn(
      l10n.t(
        'The AUTH0_TOKEN from {0} is used instead of any sign-in. Remove it to use this one.',
        environment.environmentToken.origin,
      ),
    );
  }
  const who = session.account;
  const isAgain = wanted === undefined && before.some(one => keyOf(one) === keyOf(session));
  const words = isAgain
    ? l10n.t(
        'You are signed in as {0}, as before: no other account was added. To add one, choose it on the login page.',
        who.label,
      )
    : l10n.t('You are signed in as {0}.', who.label);
  const next = options.isPart ? [] : [nextSteps(session.tenant)];
  print(json, { account: who, ...(isAgain && { again: true }) }, [good(words), ...next].join('\n'));
}

function nextSteps(tenant: Tenant): string {
  return l10n.t(
    'That is at {0}. Next: "omnispindle init" has your MCP clients start it, "omnispindle status" shows your accounts.',
    plainLine(new URL(issuerOf(tenant)).host),
  );
}

/** @throws OmnispindleError `invalid_settings` where the link is not one of an invitation */
async function hintsOf(
  { signup, google, invitation }: LoginOptions,
  isAnother: boolean,
): Promise<LoginHints> {
  return {
    ...(signup && { signup }),
    ...(google && { connection: 'google-oauth2' }),
    ...(isAnother && { prompt: 'login' as const }),
    ...(invitation !== undefined && (await readInvitation(invitation))),
  };
}
