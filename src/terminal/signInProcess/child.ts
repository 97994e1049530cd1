import { stat } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { codeOf, isOmnispindleError, OmnispindleError } from '../../common/errors.ts';
import type { Log } from '../../common/log.ts';
import { userDirectory } from '../../platform/paths.ts';
import { newsOf } from '../../sessions/signInNews.ts';
import { parseTenant } from '../../auth/tenant.ts';
import { terminalAuthenticator } from '../authenticator.ts';
import { exitCodes } from '../exitCodes.ts';
import { useNetwork } from '../network.ts';
import { openSessionStore } from '../sessionStore.ts';
import { readLines } from '../../mcp/lineReader.ts';
import { longestMessage, parseRequest, type ProcessMessage, type SignInRequest } from './messages.ts';

/** How long (ms) this process may live: a sign-in gives up after five minutes, and then needs to say so. */
const longestLife = 5 * 60_000 + 10_000;
const lookEvery = 500;

/** Resolves when it is heard, or nobody is there to hear it. */
type Say = (message: ProcessMessage) => Promise<unknown>;

/**
 * The process that `start.ts` starts: signs in as the line on its stdin says, keeps the session, and ends. It goes on
 * when the process that started it is gone. It reads no settings: where to sign in was decided there.
 * @returns the process's exit code
 */
export async function signInForAnother(): Promise<number> {
  setTimeout(() => process.exit(exitCodes.failed), longestLife).unref();
  // Who started it is gone.
  process.stdout.on('error', () => undefined);
  const say: Say = message =>
    new Promise(resolve => process.stdout.write(`${JSON.stringify(message)}\n`, resolve));
  try {
    const session = await signIn(parseRequest(await readLine()), say);
    await say({ type: 'done', session });
    return exitCodes.ok;
  } catch (error) {
    // Of any other failure nobody is told, so that who started it signs in by itself.
    if (isOmnispindleError(error)) await say({ type: 'failed', code: error.code, message: error.message });
    return exitCodes.failed;
  }
}

/** The first line of stdin. @throws Error where there is none, or none of that length */
function readLine(): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = () => {
      reject(new Error('No request came.'));
    };
    const read = readLines(
      {
        onLine: line => {
          resolve(line.toString());
        },
        onTooLong: fail,
      },
      longestMessage,
    );
    // It is not read to its end, which only says that who started this process is gone.
    process.stdin.on('data', read).once('end', fail).once('error', fail);
  });
}

async function signIn(
  { tenant, callbackPort, known, env, ...wanted }: SignInRequest,
  say: Say,
): Promise<string> {
  Object.assign(process.env, env);
  useNetwork();
  const directory = userDirectory();
  // Whoever removes all that is ours, as "reset" does, wants no session either.
  setInterval(() => {
    stat(directory).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') process.exit(exitCodes.failed);
    });
  }, lookEvery).unref();
  const log = logTo(say);
  const authenticator = await terminalAuthenticator({
    tenant: parseTenant(tenant),
    callbackPort,
    log,
    onProgress(event) {
      void say({ type: 'progress', ...newsOf(event) });
    },
  });
  const { id } = await authenticator.signIn(wanted, known);
  const store = await openSessionStore(log);
  if ((await store.list()).some(session => session.id === id)) return id;
  // There was room for it when the sign-in began.
  await store.probe();
  throw new OmnispindleError('storage_failed', l10n.t('The sign-in could not be kept. Try again.'));
}

function logTo(say: Say): Log {
  const write = (level: keyof Log) => (message: string) => {
    void say({ type: 'log', level, message });
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
