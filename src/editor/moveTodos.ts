import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { decodeJwt } from 'jose';
import * as vscode from 'vscode';
import { AuthError } from '../auth/authError.ts';
import { createBrokerTokenSource } from '../broker/client.ts';
import type { BrokerHost } from '../broker/host.ts';
import { OmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { ensurePrivateDirectory } from '../platform/paths.ts';
import type { Owner } from '../store/store.ts';
import { bundledServer } from './bundledServer.ts';
import { cliEnvironment } from './cliEnvironment.ts';
import { showError } from './messages.ts';
import { networkEnvironment } from './network.ts';
import { notice } from './notice.ts';
import { tellMoved } from './tellMoved.ts';
import type { TermsOf } from './serverTerms.ts';
import { tenantSetting } from './settings.ts';
import { teamServer } from './teamServer.ts';

/** What the move stands on. */
export interface MoveTodosOptions {
  readonly context: vscode.ExtensionContext;
  readonly broker: Pick<BrokerHost, 'grantLate'>;
  readonly termsOf: TermsOf;
  readonly log: Log;
}

/** How long (ms) the command may take to end by itself once it is stopped. */
const stopLimit = 5_000;
/** Longest text (characters) that is kept of what it says at last. */
const longestWords = 4_000;

/**
 * Runs `omnispindle move` of this extension: it takes the todos and lessons of the account that our server runs as to the
 * team's server, shows how far it is, and can be stopped. What is there already is not moved twice. Where other accounts
 * have something on this machine, as the same person's at another tenant, the person is asked whether that comes along.
 * @throws OmnispindleError in the command's words where it failed; `invalid_settings` where the setting names no team's
 * server, `cancelled` where the person stopped it; why there is no token for that server
 */
export async function moveTodos(options: MoveTodosOptions): Promise<void> {
  const server = teamServer();
  if (!server) {
    throw new OmnispindleError(
      'invalid_settings',
      vscode.l10n.t(
        'There is no team’s server to move to. Set omnispindle.server to its address, then try again.',
      ),
    );
  }
  const moved = await moveTo(server.url, options);
  const tell = async () => {
    if (!(await tellMoved(moved.said, moved.owner))) return;
    const { said } = await moveTo(server.url, options, ['--from-all']);
    await tellMoved(said);
  };
  // Nobody waits for what the person answers.
  void tell().catch((error: unknown) => {
    showError(error, options.log);
  });
}

/** @returns what it said, and whose todos it moved */
async function moveTo(
  url: string,
  { context, broker, termsOf, log }: MoveTodosOptions,
  flags: readonly string[] = [],
): Promise<{ readonly said: string; readonly owner: Owner }> {
  const directory = context.globalStorageUri.fsPath;
  await ensurePrivateDirectory(directory, log);
  return vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Moving your todos to {0}…', new URL(url).host),
      cancellable: true,
    },
    async (progress, cancelled) => {
      const stop = new AbortController();
      cancelled.onCancellationRequested(() => {
        stop.abort();
      });
      const { token, audience, env, dispose } = await tokensFor({ broker, termsOf }, stop.signal);
      try {
        const said = await run({
          args: [
            vscode.Uri.joinPath(context.extensionUri, 'dist', 'cli.js').fsPath,
            'move',
            '--to',
            url,
            ...flags,
          ],
          cwd: directory,
          env: {
            ...cliEnvironment({ ...tenantSetting(), audience }),
            ...networkEnvironment(),
            ...(process.versions['electron'] && { ELECTRON_RUN_AS_NODE: '1' }),
            // The token says who it is; the broker gives others, which a long move needs.
            ...env,
            AUTH0_TOKEN: token,
          },
          signal: stop.signal,
          onNews(message) {
            log.info(message);
            // That it was given a token is ours to know, and what it leaves here is asked about.
            if (!/AUTH0_TOKEN|--from-all/.test(message)) progress.report({ message: notice(message) });
          },
        });
        log.info(said);
        const { iss = '', sub = '' } = decodeJwt(token);
        return { said, owner: { issuer: iss, sub } };
      } finally {
        dispose();
      }
    },
  );
}

/** Tokens for the server. */
interface Tokens {
  /** The first of them. */
  readonly token: string;
  readonly audience: string;
  /** By which a process of ours gets more of them, until they are disposed of. */
  readonly env: Readonly<Record<string, string>>;
  dispose(): void;
}

/** Tokens as the server itself would get them: asked for by the same questions, as the same account. */
async function tokensFor(
  { broker, termsOf }: Pick<MoveTodosOptions, 'broker' | 'termsOf'>,
  signal: AbortSignal,
): Promise<Tokens> {
  const find = termsOf({ name: bundledServer, configured: teamServer() });
  const { audience: defaultAudience } = tenantSetting();
  let audience = defaultAudience;
  const grant = await broker.grantLate(async waiting => {
    const terms = await find(waiting);
    audience = terms.allowed.audience ?? defaultAudience;
    return terms;
  });
  const source = createBrokerTokenSource(grant.env, { allScopes: true });
  const dispose = () => {
    source?.dispose();
    void grant.revoke();
  };
  try {
    if (!source) throw new Error('The broker gave an empty key.');
    const { accessToken: token } = await source.getToken({ signal });
    return { token, audience, env: grant.env, dispose };
  } catch (error) {
    dispose();
    throw signal.aborted ? stopped() : error;
  }
}

interface Run {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Hears a line of its news. */
  onNews(message: string): void;
}

/** @returns what it says at last */
function run({ args, cwd, env, signal, onNews }: Run): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) throw stopped();
    const child = spawn(process.execPath, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let kill: NodeJS.Timeout | undefined;
    let said = '';
    let last = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-longestWords);
    });
    createInterface({ input: child.stderr }).on('line', line => {
      if (line.trim() === '') return;
      last = line.trim().replace(/^omnispindle: /, '');
      onNews(last);
    });
    const stop = () => {
      child.kill('SIGINT');
      kill = setTimeout(() => child.kill('SIGKILL'), stopLimit);
    };
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', reject);
    child.on('close', code => {
      clearTimeout(kill);
      signal.removeEventListener('abort', stop);
      if (code === 0) resolve(said.trim());
      else if (signal.aborted) reject(stopped());
      else reject(new OmnispindleError('server_error', last || said.trim()));
    });
  });
}

function stopped(): AuthError {
  return new AuthError(
    'cancelled',
    vscode.l10n.t('Stopped. What has been moved is there; to move the rest, run the command again.'),
  );
}
