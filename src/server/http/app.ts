import { Hono } from 'hono';
import type { Verify } from '../../auth/verify.ts';
import { redact } from '../../common/redact.ts';
import { createServer, type ServerOptions } from '../createServer.ts';
import { namesOf } from '../loadouts.ts';
import { requireKnownHost, requireKnownOrigin, type Addresses } from './addresses.ts';
import { refuse, rpcCodes } from './answers.ts';
import type { BodyLimits } from './body.ts';
import { limitConcurrency, type ConcurrencyLimits } from './concurrency.ts';
import type { HttpApp, HttpEnvironment, HttpStep } from './environment.ts';
import { addHealth } from './health.ts';
import { importPath, importRoute } from './importRoute.ts';
import { createMcpEndpoint, type McpEndpointOptions } from './mcp.ts';
import { addMetadata, metadataPath } from './metadata.ts';
import { scopesOf } from './scopes.ts';
import { requireSignedIn } from './signedIn.ts';

/** Where MCP is answered, from the public address on. */
export const mcpPath = '/mcp';

/** How much this server does at once, and takes at a time. */
export type HttpLimits = BodyLimits & { readonly concurrency: ConcurrencyLimits };

/** What counts where nobody sets another limit. */
export const defaultLimits: HttpLimits = { bytes: 1_000_000, concurrency: { overall: 512, perAccount: 64 } };

/** The parts of a team's server. */
export interface HttpAppOptions
  extends Addresses, Pick<ServerOptions, 'store' | 'loadout' | 'log' | 'version' | 'watch'> {
  readonly verify: Verify;
  /** The tenant's, as its tokens name it. */
  readonly issuer: string;
  /** What clients ask the tenant for a token for (RFC 8707), as {@link resourceFor} says. */
  readonly resource: string;
  /** Asks the store something. Rejects where it does not answer. */
  readonly checkStore: () => Promise<void>;
  readonly limits?: HttpLimits;
  /** Steps that every request passes first: what counts and logs them. */
  readonly first?: readonly HttpStep[];
  /** Steps that a call passes once its account is known: what limits how many there are. */
  readonly afterSignIn?: readonly HttpStep[];
  /** Adds further routes. */
  readonly addRoutes?: (app: HttpApp) => void;
  /** Builds the server of a request, which may send more than answers; the bundled one where absent. */
  readonly createServer?: McpEndpointOptions['createServer'];
}

/** A team's server, without what listens. */
export interface HttpServerApp {
  /** Answers a request; `env` is what Node.js has of it. */
  fetch(request: Request, env?: HttpEnvironment['Bindings']): Promise<Response>;
  /** Says by `/readyz`, and by each answer, that it is about to end. */
  beginStop(): void;
  /** Resolves when no call is under way. */
  idle(): Promise<void>;
  /** Ends the streams that are open, and what is still under way. */
  close(): Promise<void>;
}

/**
 * Builds a team's server: the bundled tools over HTTP for many accounts, as a resource server of OAuth (MCP
 * specification, "Authorization"). It knows no listening and no tenant but by `verify`.
 * @example
 * import { createHttpApp, type HttpAppOptions } from './app.ts';
 *
 * declare const options: HttpAppOptions;
 * const app = createHttpApp(options);
 * const { status } = await app.fetch(new Request('http://localhost:8770/mcp', { method: 'POST' })); // 401
 */
export function createHttpApp(options: HttpAppOptions): HttpServerApp {
  const { verify, publicUrl, log, store, loadout, version, watch, limits = defaultLimits } = options;
  const app: HttpApp = new Hono<HttpEnvironment>();
  const scopes = scopesOf(loadout);
  const metadataUrl = new URL(metadataPath + mcpPath, publicUrl).href;
  const concurrency = limitConcurrency(limits.concurrency);
  const mcp = createMcpEndpoint({
    createServer:
      options.createServer ??
      (authenticate =>
        createServer({
          authenticate,
          store,
          loadout,
          log,
          version,
          requireScopes: true,
          ...(watch && { watch }),
        })),
    toolNames: namesOf(loadout),
    metadataUrl,
    log,
    limits,
    sendsOnlyAnswers: options.createServer === undefined,
  });
  let isStopping = false;

  app.use(...(options.first ?? []), async (context, next) => {
    await next();
    // Hono's own `header` would make another answer of it, for each of them.
    const { headers } = context.res;
    headers.set('x-content-type-options', 'nosniff');
    if (isStopping) headers.set('connection', 'close');
  });
  addHealth(app, { checkStore: options.checkStore, isStopping: () => isStopping });
  app.use(requireKnownHost(options));
  addMetadata(app, mcpPath, {
    resource: options.resource,
    authorization_servers: [options.issuer],
    scopes_supported: scopes,
    bearer_methods_supported: ['header'],
    resource_name: 'Omnispindle',
    resource_documentation: publicUrl.href,
  });
  const toAccount: readonly HttpStep[] = [
    requireKnownOrigin(options),
    concurrency.overall,
    requireSignedIn({ verify, scopes, metadataUrl, log }),
    ...(options.afterSignIn ?? []),
    concurrency.perAccount,
  ];
  app.use(mcpPath, ...toAccount).all(mcpPath, mcp.answer);
  // A server that shows no tool which writes takes nothing over.
  if (scopes.includes('omnispindle:write')) {
    app.use(importPath, ...toAccount).all(importPath, importRoute({ store, metadataUrl, log }));
  }
  options.addRoutes?.(app);
  const pages = new Set(app.routes.filter(({ method }) => method === 'GET').map(({ path }) => path));
  app.notFound(({ req }) =>
    pages.has(req.path)
      ? refuse(405, 'There is nothing here but to be read.', { headers: { allow: 'GET, HEAD' } })
      : refuse(404, `There is nothing here. MCP is at ${mcpPath}.`),
  );
  app.onError(error => {
    log.error(`http: ${redact(String(error))}`);
    return refuse(500, 'Something went wrong in this server. Try again.', { code: rpcCodes.internalError });
  });

  return {
    fetch: async (request, env = {}) => app.fetch(request, env),
    beginStop() {
      isStopping = true;
    },
    idle: concurrency.idle,
    close: mcp.close,
  };
}
