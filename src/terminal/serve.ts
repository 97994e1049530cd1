import * as l10n from '@vscode/l10n';
import { settingText } from '../common/settingText.ts';
import type { CheckedToken, Verify } from '../auth/verify.ts';
import type { Caller } from '../server/authenticate.ts';
import { createGate } from '../server/gate.ts';
import { parseLoadout } from '../server/loadouts.ts';
import { serveStdio } from '../server/stdio.ts';
import { createStdioServer, type StdioServerOptions } from '../server/stdioServer.ts';
import { lateStore } from '../store/lateStore.ts';
import type { Environment } from './environment.ts';
import { exitCodes } from './exitCodes.ts';
import { stderrLog } from './log.ts';
import { sayOnStderr } from './sayOnStderr.ts';
import { version } from './version.ts';

/** What the first tool call needs comes in only then, so that a client sees the tools at once. */
const late = {
  source: () => import('./tokenSource.ts'),
  definition: () => import('../broker/serverDefinition.ts'),
  environment: () => import('./environment.ts'),
  verify: () => import('../auth/verify.ts'),
  store: () => import('../store/directoryStore.ts'),
  paths: () => import('../platform/paths.ts'),
  issuers: () => import('./keptIssuers.ts'),
};

/** The options of `serve`, as typed. */
export interface ServeOptions {
  readonly account?: string;
  readonly organization?: string;
  readonly envFile?: string;
}

/** `omnispindle serve`: the bundled server on stdio, until its client goes away. @returns the exit code */
export async function serve({ account, organization, envFile }: ServeOptions = {}): Promise<number> {
  const log = stderrLog();
  if (process.stdin.isTTY) sayWhatThisIs();
  let environment: Promise<Environment> | undefined;
  let verify: Verify | undefined;
  let source: ReturnType<typeof openSource> | undefined;

  async function openSource() {
    const [{ openTokenSource }, { readDefinition }] = await Promise.all([late.source(), late.definition()]);
    const definition = readDefinition();
    return openTokenSource({
      log,
      isServer: true,
      environment: readOnce,
      verify: check,
      ...(account !== undefined && { account }),
      ...(definition && { definition }),
    });
  }

  /** Once: a file that changes meanwhile must not decide one thing and then another. */
  async function readOnce(): Promise<Environment> {
    const { readEnvironment } = await late.environment();
    environment ??= readEnvironment({ envFile, organization });
    return environment.catch((error: unknown) => {
      environment = undefined;
      throw error;
    });
  }

  async function check(token: string, receivedAt?: number): Promise<CheckedToken> {
    if (!verify) {
      const [{ createVerifier }, { tenant }] = await Promise.all([late.verify(), readOnce()]);
      verify = createVerifier(tenant);
    }
    return verify(token, receivedAt);
  }

  const store = lateStore(async (first: Caller) => {
    const [{ openDirectoryStore }, { userDirectory }] = await Promise.all([late.store(), late.paths()]);
    return openDirectoryStore(userDirectory(), {
      log,
      async findIssuers() {
        const { keptIssuers } = await late.issuers();
        return keptIssuers(log, first);
      },
    });
  });
  const options: Omit<StdioServerOptions, 'era'> = {
    gate: createGate({
      tokenSource: {
        async getToken(request) {
          source ??= openSource();
          const opened = await source.catch((error: unknown) => {
            source = undefined;
            throw error;
          });
          return opened.getToken(request);
        },
      },
      verify: check,
    }),
    store: store.of,
    loadout: parseLoadout(settingText('OMNISPINDLE_TOOL_LOADOUT', process.env['OMNISPINDLE_TOOL_LOADOUT'])),
    log,
    version,
  };
  try {
    await serveStdio(era => createStdioServer({ ...options, era }), log);
  } finally {
    await store.close();
  }
  return exitCodes.ok;
}

/** Whoever started it by hand would otherwise see nothing. */
function sayWhatThisIs(): void {
  const text = l10n.t(
    'This is an MCP server: an MCP client starts it and talks to it. To set one up: omnispindle init --help. Ctrl-C ends it.',
  );
  sayOnStderr(text);
}
