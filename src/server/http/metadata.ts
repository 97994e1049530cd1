import { cors } from 'hono/cors';
import type { HttpApp } from './environment.ts';

/** What this server says of itself to who would sign in to it (RFC 9728 section 2). */
export interface ResourceMetadata {
  /** RFC 8707: what a client asks the tenant for a token for. */
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported: readonly string[];
  readonly bearer_methods_supported: readonly ['header'];
  readonly resource_name: string;
  readonly resource_documentation: string;
}

/** Where it is (RFC 9728 section 3), from the origin on; what stands for the path comes after it. */
export const metadataPath = '/.well-known/oauth-protected-resource';

/** Adds the metadata of this server, for its path and for its origin; pages of every origin may read it. */
export function addMetadata(app: HttpApp, path: string, metadata: ResourceMetadata): void {
  const anyOrigin = cors({ origin: '*', allowMethods: ['GET', 'HEAD'], maxAge: 3_600 });
  for (const address of [metadataPath, metadataPath + path]) {
    app.use(address, anyOrigin);
    app.get(address, context => context.json(metadata, 200, { 'cache-control': 'public, max-age=300' }));
  }
}
