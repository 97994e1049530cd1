import * as l10n from '@vscode/l10n';
import { issuerOf, isSameTenant, type Tenant } from '../../auth/tenant.ts';
import { createVerifier } from '../../auth/verify.ts';
import { messageOf } from '../../common/errors.ts';
import { noLog } from '../../common/log.ts';
import { plainLine } from '../../common/plainText.ts';
import { sessionsDirectory, userDirectory } from '../../platform/paths.ts';
import { openKeychain } from '../../sessions/keychain.ts';
import type { Session } from '../../sessions/session.ts';
import { shellWord } from '../../common/shellWord.ts';
import { announce } from '../announce.ts';
import { terminalAuthenticator } from '../authenticator.ts';
import { readEnvironment, type Environment } from '../environment.ts';
import { holderOf, verifyEnvironmentToken } from '../environmentToken.ts';
import { exitCodes } from '../exitCodes.ts';
import { stderrLog } from '../log.ts';
import { findSessions } from '../sessions.ts';
import { bad, fair, good, print } from './output.ts';
import type { StatusReport } from './status/report.ts';

/** One line of the report, and the command that fixes what is wrong with it. */
interface Line {
  readonly mark: 'good' | 'fair' | 'bad';
  readonly words: string;
  readonly command?: string;
}

/**
 * `omnispindle status`: where people sign in, who is signed in, until when, where that is kept, and what counts instead.
 * The exit code is 3 where no tool could run now without a sign-in.
 */
export async function status(options: {
  account?: string;
  organization?: string;
  envFile?: string;
  json?: boolean;
}): Promise<void> {
  const environment = await readEnvironment({ envFile: options.envFile, organization: options.organization });
  announce([environment.fileNotice].filter(notice => notice !== undefined));
  const { tenant } = environment;
  const authenticator = await terminalAuthenticator({ ...environment, log: stderrLog() });
  const all = await authenticator.list();
  const [active] = findSessions(all, options.account ?? environment.account);
  const given = await environmentLine(environment);
  const accounts = all.map(session => ({
    session,
    line: sessionLine(session, session === active && given === undefined),
  }));
  const others = (await authenticator.entries()).filter(
    ({ session }) => session && !isSameTenant(session.tenant, tenant),
  ).length;
  const place = await keptIn();
  const lines = [given, ...accounts.map(({ line }) => line)].filter(line => line !== undefined);
  const counting = given ?? accounts.find(({ session }) => session === active)?.line;
  const isReady = counting !== undefined && counting.mark !== 'bad';

  const report: StatusReport = {
    ready: isReady,
    tenant: {
      domain: tenant.domain,
      audience: tenant.audience,
      ...(tenant.organization !== undefined && { organization: tenant.organization }),
    },
    accounts: accounts.map(({ session, line }) => ({
      ...session.account,
      active: session === active && given === undefined,
      expiresAt: new Date(session.expiresAt).toISOString(),
      renewable: session.refreshToken !== undefined,
      audiences: (session.audiences ?? []).map(({ audience }) => audience),
      ...(line.command !== undefined && { command: line.command }),
    })),
    ...(given && {
      environmentToken: {
        valid: given.mark === 'good',
        ...(environment.environmentToken?.file !== undefined && { file: environment.environmentToken.file }),
      },
    }),
    otherTenants: others,
    sessions: { directory: place.directory, encrypted: place.encrypted },
  };
  print(
    options.json,
    report,
    [
      whereOf(environment),
      ...(lines.length > 0 ? lines.map(lineOf) : [lineOf(nobody())]),
      ...(others > 0 ? [l10n.t('Accounts of other tenants that are kept, too: {0}.', String(others))] : []),
      place.words,
    ].join('\n'),
  );
  if (!isReady) process.exitCode = exitCodes.notSignedIn;
}

function whereOf({ tenant, tenantNotice }: Environment): string {
  const host = plainLine(new URL(issuerOf(tenant)).host);
  const where = l10n.t('Sign-ins are at {0}, for the API {1}.', host, plainLine(tenant.audience));
  return tenantNotice ? `${where}\n${tenantNotice.message}` : where;
}

function nobody(): Line {
  return { mark: 'bad', words: l10n.t('Nobody is signed in.'), command: 'omnispindle login' };
}

/** What counts instead of every sign-in; undefined where nothing does. */
async function environmentLine({
  tenant,
  environmentToken,
}: {
  readonly tenant: Tenant;
  readonly environmentToken?: NonNullable<Environment['environmentToken']>;
}): Promise<Line | undefined> {
  if (!environmentToken) return undefined;
  try {
    const checked = await verifyEnvironmentToken(environmentToken, createVerifier(tenant));
    return {
      mark: 'good',
      words: l10n.t(
        '{0}, by the AUTH0_TOKEN from {1}, which is used instead of any sign-in and never renewed.',
        holderOf(checked),
        environmentToken.origin,
      ),
    };
  } catch (error) {
    // Whether the tenant cannot be reached or the token is wrong: it is what counts, and it does not work.
    return { mark: 'bad', words: messageOf(error) };
  }
}

function sessionLine(session: Session, isActive: boolean): Line {
  const { account, refreshToken, expiresAt, audiences = [] } = session;
  const ends = new Date(expiresAt).toLocaleString();
  const who = [account.name, account.id].filter(part => part !== undefined && part !== account.label);
  const parts = [
    `${account.label} (${who.map(part => plainLine(part ?? '')).join(', ')})`,
    isActive && l10n.t('in use'),
    audiences.length > 0 &&
      l10n.t('also for the APIs {0}', audiences.map(({ audience }) => plainLine(audience)).join(', ')),
  ].filter(Boolean);
  const name = parts.join(', ');
  if (refreshToken !== undefined) {
    return {
      mark: 'good',
      words: l10n.t('{0}: the access token ends {1}, and is renewed by itself.', name, ends),
    };
  }
  const command = `omnispindle login --account ${shellWord(account.label)}`;
  return expiresAt > Date.now()
    ? { mark: 'fair', words: l10n.t('{0}: signed in until {1}, and not renewed.', name, ends), command }
    : { mark: 'bad', words: l10n.t('{0}: the session ended {1}.', name, ends), command };
}

async function keptIn(): Promise<{ readonly directory: string; readonly encrypted: boolean; words: string }> {
  const directory = sessionsDirectory();
  const { seal, unsealed } = await openKeychain(userDirectory(), noLog);
  const words = seal
    ? l10n.t('Kept in {0}, encrypted with a key from the keychain.', directory)
    : l10n.t('Kept in {0}, in files that only you can read. {1}', directory, unsealed?.why ?? '');
  return { directory, encrypted: seal !== undefined, words: words.trimEnd() };
}

const marks = { good: good('✔'), fair: fair('!'), bad: bad('✘') };

function lineOf({ mark, words, command }: Line): string {
  const line = `${marks[mark]} ${words}`;
  return command === undefined ? line : `${line}\n  ${l10n.t('Sign in with: {0}', command)}`;
}
