import type { Log } from '../../../common/log.ts';
import type { ClientTransport } from '../transport.ts';
import type { Era } from './era.ts';

/** What is known of a server that is of another era than its client. */
export interface Known {
  readonly url: URL;
  readonly log: Log;
  /** What a modern server answered `server/discover` with. */
  readonly discovered?: Record<string, unknown>;
}

/**
 * The client's end, as one of the other era. The code for that is loaded only where it is needed.
 * @param era the client's
 */
export async function createTranslator(
  era: Era,
  client: ClientTransport,
  known: Known,
): Promise<ClientTransport> {
  if (era === 'modern') {
    return (await import('../translation/modernClient/modernClient.ts')).createModernClient(client, known);
  }
  const { createLegacyClient } = await import('../translation/legacyClient/legacyClient.ts');
  return createLegacyClient(client, { ...known, discovered: known.discovered ?? {} });
}
