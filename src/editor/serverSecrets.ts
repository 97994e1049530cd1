import type { ServerSecrets } from '../broker/protocol.ts';
import type { ConfiguredServer } from './configuredServers.ts';

/** What the setting of a server says that may be a secret. */
export function secretsOf(configured: ConfiguredServer | undefined): ServerSecrets {
  if (!configured) return {};
  return 'url' in configured ? { headers: configured.headers } : { env: configured.env };
}
