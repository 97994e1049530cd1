import * as l10n from '@vscode/l10n';
import { issuerOf } from '../auth/tenant.ts';
import { createVerifier } from '../auth/verify.ts';
import { settingText } from '../common/settingText.ts';
import { userDirectory } from '../platform/paths.ts';
import { createHttpApp, mcpPath } from '../server/http/app.ts';
import { listen, type Listening } from '../server/http/listen.ts';
import { resourceFor } from '../server/http/resource.ts';
import { parseLoadout } from '../server/loadouts.ts';
import { openDirectoryStore } from '../store/directoryStore.ts';
import { lateStore } from '../store/lateStore.ts';
import { readEnvironment } from './environment.ts';
import { exitCodes } from './exitCodes.ts';
import { readHttpSettings, type HttpOptions } from './httpSettings.ts';
import { stderrLog } from './log.ts';
import { sayOnStderr } from './sayOnStderr.ts';
import { version } from './version.ts';

/** The options of `serve --http`, as typed. */
export interface ServeHttpOptions extends HttpOptions {
  readonly organization?: string;
  readonly envFile?: string;
}

/** Nobody's: a look at it tells whether the store answers. */
const nobody = { issuer: 'urn:omnispindle', sub: 'ready' };

/**
 * `omnispindle serve --http`: the bundled server over HTTP, for many accounts, until a signal ends it.
 * @returns the exit code
 * @throws OmnispindleError `invalid_settings` or `port_in_use`
 */
export async function serveHttp({ organization, envFile, ...options }: ServeHttpOptions): Promise<number> {
  const log = stderrLog();
  const settings = readHttpSettings(options);
  const { tenant, namedAudience } = await readEnvironment({ envFile, organization });
  const loadout = parseLoadout(
    settingText('OMNISPINDLE_TOOL_LOADOUT', process.env['OMNISPINDLE_TOOL_LOADOUT']),
  );
  const publicUrl = settings.publicUrl ?? new URL(`http://localhost:${String(settings.port)}`);
  const mcpUrl = new URL(mcpPath, publicUrl);
  const { audience, resource } = resourceFor(mcpUrl, namedAudience);
  const store = lateStore(() => openDirectoryStore(userDirectory(), { log }));
  const app = createHttpApp({
    verify: createVerifier({ ...tenant, audience }, { seeksAtOnce: true }),
    issuer: issuerOf(tenant),
    resource,
    publicUrl,
    allowedHosts: settings.allowedHosts,
    allowedOrigins: settings.allowedOrigins,
    store: store.of,
    loadout,
    log,
    version,
    limits: {
      bytes: settings.bodyBytes,
      concurrency: { overall: settings.calls, perAccount: settings.callsPerAccount },
    },
    async ready() {
      await (await store.of(nobody)).listProjects({ limit: 1, offset: 0 });
      return true;
    },
  });
  try {
    const server = await listen(app, settings);
    sayOnStderr(l10n.t('Omnispindle listens at {0}. MCP clients reach it at {1}.', server.url, mcpUrl.href));
    await ended(server);
  } finally {
    await store.close();
  }
  return exitCodes.ok;
}

/** Waits for a signal, then for the end of what is under way; a second signal ends the process at once. */
async function ended(server: Listening): Promise<void> {
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  await new Promise<void>(resolve => {
    let isEnding = false;
    const onSignal = () => {
      if (isEnding) process.exit(exitCodes.failed);
      isEnding = true;
      resolve();
    };
    for (const signal of signals) process.on(signal, onSignal);
  });
  sayOnStderr(
    l10n.t('Omnispindle ends when the calls that are under way are answered. Ctrl-C ends it at once.'),
  );
  if (!(await server.close())) {
    sayOnStderr(l10n.t('Some calls were not answered in time, and have been ended.'));
  }
}
