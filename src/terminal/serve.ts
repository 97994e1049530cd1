import * as l10n from '@vscode/l10n';
import type { Identity, Verify } from '../auth/verify.ts';
import { createServer } from '../server/createServer.ts';
import { createGate } from '../server/gate.ts';
import { parseLoadout } from '../server/loadouts.ts';
import { serveStdio } from '../server/stdio.ts';
import { exitCodes } from './exitCodes.ts';
import { stderrLog } from './log.ts';
import { sayOnStderr } from './sayOnStderr.ts';
import { version } from './version.ts';

/** What the first tool call needs comes in only then, so that a client sees the tools at once. */
const late = {
  source: () => import('./tokenSource.ts'),
  environment: () => import('./environment.ts'),
  verify: () => import('../auth/verify.ts'),
  store: () => import('../store/sqliteStore.ts'),
  paths: () => import('../auth/paths.ts'),
  issuers: () => import('./keptIssuers.ts'),
};

/** `omnispindle serve`: the bundled server on stdio, until its client goes away. @returns the exit code */
export async function serve({ account }: { account?: string } = {}): Promise<number> {
  const log = stderrLog();
  if (process.stdin.isTTY) sayWhatThisIs();
  let verify: Verify | undefined;
  let source: ReturnType<typeof openSource> | undefined;

  async function openSource() {
    const { openTokenSource } = await late.source();
    return openTokenSource({ log, verify: check, ...(account !== undefined && { account }) });
  }

  async function check(token: string, receivedAt?: number): Promise<Identity> {
    if (!verify) {
      const [{ createVerifier }, { readEnvironment }] = await Promise.all([
        late.verify(),
        late.environment(),
      ]);
      verify = createVerifier(readEnvironment().tenant);
    }
    return verify(token, receivedAt);
  }

  const server = createServer({
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
    async openStore(caller) {
      const [{ openSqliteStore }, { userDirectory }] = await Promise.all([late.store(), late.paths()]);
      return openSqliteStore(userDirectory(), {
        log,
        async findIssuers() {
          const { keptIssuers } = await late.issuers();
          return keptIssuers(log, caller);
        },
      });
    },
    loadout: parseLoadout(process.env['OMNISPINDLE_TOOL_LOADOUT']),
    log,
    version,
  });
  await serveStdio(server);
  return exitCodes.ok;
}

/** Whoever started it by hand would otherwise see nothing. */
function sayWhatThisIs(): void {
  const text = l10n.t(
    'This is an MCP server: an MCP client starts it and talks to it. To set one up: omnispindle init --help. Ctrl-C ends it.',
  );
  sayOnStderr(text);
}
