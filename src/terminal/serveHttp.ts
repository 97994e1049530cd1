import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { issuerOf } from '../auth/tenant.ts';
import { serverOfOthers } from '../auth/refusalWords.ts';
import { createVerifier } from '../auth/verify.ts';
import { createHttpApp, mcpPath } from '../server/http/app.ts';
import { listen, type Listening } from '../server/http/listen.ts';
import { importPath } from '../server/http/importRoute.ts';
import { metadataPath } from '../server/http/metadata.ts';
import { startOperations } from '../server/http/operations.ts';
import { peoplePage } from '../server/http/page/page.ts';
import { resourceFor } from '../server/http/resource.ts';
import { exitCodes } from './exitCodes.ts';
import { ownAddress } from './httpSettings.ts';
import { openServerLog } from './serverLog.ts';
import { readServerSettings, type ServeHttpOptions } from './serverSettings.ts';
import { openTeamStore } from './teamStore.ts';
import { packageDirectory, version } from './version.ts';

/** What the log and the metrics name a request by. */
const ownPaths = ['/', mcpPath, importPath, '/healthz', '/readyz', metadataPath, metadataPath + mcpPath];

/**
 * `omnispindle serve --http`: the bundled server over HTTP, for many accounts, until a signal ends it.
 * @returns the exit code
 * @throws OmnispindleError `invalid_settings` or `port_in_use`
 */
export async function serveHttp(options: ServeHttpOptions): Promise<number> {
  // First of all: a signal that it does not listen for would not end the first process of a container.
  const untilSignal = listenForSignals();
  const { http, tenant, ...settings } = await readServerSettings(options);
  const publicUrl = http.publicUrl ?? ownAddress(http);
  const mcpUrl = new URL(mcpPath, publicUrl);
  const { audience, resource } = resourceFor(mcpUrl, settings.namedAudience);
  const { json, say } = openServerLog(settings.isDetailed, settings.notices);
  const { log } = json;
  const page = peoplePage(mcpUrl.href, packageDirectory);
  const store = await openTeamStore(settings.database, log).catch((error: unknown) => {
    throw settings.explain(error);
  });
  const operations = await startOperations({
    ...settings.operations,
    version,
    log,
    observers: [json],
    paths: ownPaths,
    logKey: store.logKey,
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
    allowedHosts: http.allowedHosts,
    allowedOrigins: http.allowedOrigins,
    store: operations.watchedStore(store.of),
    loadout: settings.loadout,
    log,
    version,
    limits: {
      bytes: http.bodyBytes,
      concurrency: { overall: http.calls, perAccount: http.callsPerAccount },
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
    const server = await listen(app, http);
    say(l10n.t('Omnispindle listens at {0}. MCP clients reach it at {1}.', server.url, mcpUrl.href));
    if (operations.metricsUrl !== undefined) say(l10n.t('Metrics are at {0}.', operations.metricsUrl));
    await end(server, await signal, http.stopDelay, say);
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
