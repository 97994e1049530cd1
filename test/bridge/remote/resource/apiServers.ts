import { createVerifier } from '../../../../src/auth/verify.ts';
import type { TenantApi } from '../../../tenant/options.ts';
import type { DemoTenant } from '../../../tenant/tenant.ts';
import { startRemoteServer, type RemoteServer } from '../remoteServer.ts';
import { streamableSessions, type Sessions } from '../sessions.ts';

/** A remote server that is an API of the tenant's, says so, and takes no token that is for another one. */
export interface ApiServer extends RemoteServer {
  /** What the tenant must know of it. */
  readonly api: TenantApi;
  /** Whose tokens it takes. */
  trust(tenant: DemoTenant): void;
  /** Publishes its metadata (RFC 9728) with these members in place of its own. */
  declareAs(other: Readonly<Record<string, unknown>>): void;
}

const wellKnown = '/.well-known/oauth-protected-resource/mcp';

/** Starts a server with an API of those scopes. */
export async function startApiServer(scopes: readonly string[] = []): Promise<ApiServer> {
  const inner = streamableSessions();
  let verify: ((token: string) => Promise<unknown>) | undefined;
  let issuer = '';
  const sessions: Sessions = {
    ...inner,
    async handle(request, response) {
      const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
      const isGood = await verify?.(token).then(
        () => true,
        () => false,
      );
      if (isGood) await inner.handle(request, response);
      else response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
    },
  };
  const server = await startRemoteServer({ sessions });
  const api = { identifier: server.url, scopes };
  const declareAs: ApiServer['declareAs'] = other => {
    server.declare = (request, response) => {
      if (request.url !== wellKnown) return false;
      const metadata = { resource: server.url, authorization_servers: [issuer], ...other };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata));
      return true;
    };
  };
  return Object.assign(server, {
    api,
    trust(tenant: DemoTenant) {
      issuer = tenant.issuer;
      verify = createVerifier({ ...tenant, audience: server.url });
      declareAs({});
    },
    declareAs,
  });
}
