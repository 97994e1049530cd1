import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { issuerOf } from '../auth/tenant.ts';
import { serverOfOthers } from '../auth/refusalWords.ts';
import { createVerifier } from '../auth/verify.ts';
import { settingText } from '../common/settingText.ts';
import { createHttpApp, mcpPath } from '../server/http/app.ts';
import { listen, type Listening } from '../server/http/listen.ts';
import { importPath } from '../server/http/importRoute.ts';
import { metadataPath } from '../server/http/metadata.ts';
import { createJsonLog } from '../server/http/observe/jsonLog.ts';
import { startOperations } from '../server/http/operations.ts';
import { peoplePage } from '../server/http/page/page.ts';
import { resourceFor } from '../server/http/resource.ts';
import { parseLoadout } from '../server/loadouts.ts';
import { readDatabaseSettings } from './databaseSettings.ts';
import { readEnvironment } from './environment.ts';
import { exitCodes } from './exitCodes.ts';
import { ownAddress, readHttpSettings, type HttpOptions } from './httpSettings.ts';
import { readOperationsSettings, type OperationsFlags } from './operationsSettings.ts';
import { sayOnStderr } from './sayOnStderr.ts';
import { openTeamStore } from './teamStore.ts';
import { packageDirectory, version } from './version.ts';

/** The options of `serve --http`, as typed. */
export interface ServeHttpOptions extends HttpOptions, OperationsFlags {
  readonly organization?: string;
  readonly envFile?: string;
}

/** What the log and the metrics name a request by. */
const ownPaths = ['/', mcpPath, importPath, '/healthz', '/readyz', metadataPath, metadataPath + mcpPath];

/**
 * `omnispindle serve --http`: the bundled server over HTTP, for many accounts, until a signal ends it.
 * @returns the exit code
 * @throws OmnispindleError `invalid_settings` or `port_in_use`
 */
export async function serveHttp({ organization, envFile, ...options }: ServeHttpOptions): Promise<number> {
  // First of all: a signal that it does not listen for would not end the first process of a container.
  const untilSignal = listenForSignals();
  const settings = readHttpSettings(options);
  const operationsSettings = readOperationsSettings(options);
  const databaseSettings = readDatabaseSettings();
  const { tenant, namedAudience } = await readEnvironment({ envFile, organization });
  const loadout = parseLoadout(
    settingText('OMNISPINDLE_TOOL_LOADOUT', process.env['OMNISPINDLE_TOOL_LOADOUT']),
  );
  const publicUrl = settings.publicUrl ?? ownAddress(settings);
  const mcpUrl = new URL(mcpPath, publicUrl);
  const { audience, resource } = resourceFor(mcpUrl, namedAudience);
  const json = createJsonLog(Boolean(process.env['OMNISPINDLE_DEBUG']));
  const { log } = json;
  // A program that reads the log reads nothing but JSON.
  const say = process.stderr.isTTY ? sayOnStderr : log.info;
  const page = peoplePage(mcpUrl.href, packageDirectory);
  const store = await openTeamStore(databaseSettings, log);
  const operations = await startOperations({
    ...operationsSettings,
    version,
    log,
    observers: [json],
    paths: ownPaths,
    database: store.database,
  });
  const app = createHttpApp({
    verify: operations.watchedVerify(
      createVerifier(
        { ...tenant, audience },
        { seeksAtOnce: true, words: serverOfOthers, onKeyFetch: operations.countKeyFetch },
      ),
    ),
    issuer: issuerOf(tenant),
    resource,
    publicUrl,
    allowedHosts: settings.allowedHosts,
    allowedOrigins: settings.allowedOrigins,
    store: operations.watchedStore(store.of),
    loadout,
    log,
    version,
    limits: {
      bytes: settings.bodyBytes,
      concurrency: { overall: settings.calls, perAccount: settings.callsPerAccount },
    },
    checkStore: store.check,
    first: operations.first,
    afterSignIn: operations.afterSignIn,
    watch: operations.watch,
    addRoutes(routes) {
      routes.get('/', context => page(context.req.raw));
    },
  });
  // Before it listens: whoever reads that it does may end it at once.
  const signal = untilSignal();
  try {
    const server = await listen(app, settings);
    say(l10n.t('Omnispindle listens at {0}. MCP clients reach it at {1}.', server.url, mcpUrl.href));
    if (operations.metricsUrl !== undefined) say(l10n.t('Metrics are at {0}.', operations.metricsUrl));
    await end(server, await signal, settings.stopDelay, say);
  } finally {
    await store.close();
    await operations.close();
    json.close();
  }
  return exitCodes.ok;
}

/**
 * Listens for signals. Until somebody waits for one nothing is under way, so that the first ends the process; then a
 * second one does so at once.
 * @returns waits for a signal
 */
function listenForSignals(): () => Promise<NodeJS.Signals> {
  let onSignal: (signal: NodeJS.Signals) => void = () => process.exit(exitCodes.ok);
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, signal => {
      onSignal(signal);
    });
  }
  return () =>
    new Promise(resolve => {
      onSignal = signal => {
        onSignal = () => process.exit(exitCodes.failed);
        resolve(signal);
      };
    });
}

/** Finishes what is under way. */
async function end(
  server: Listening,
  signal: NodeJS.Signals,
  stopDelay: number,
  say: (message: string) => void,
): Promise<void> {
  say(l10n.t('Omnispindle ends when the calls that are under way are answered. Ctrl-C ends it at once.'));
  // A person at a terminal has no balancer.
  if (!(await server.close(delay(signal === 'SIGTERM' ? stopDelay : 0)))) {
    say(l10n.t('Some calls were not answered in time, and have been ended.'));
  }
}
