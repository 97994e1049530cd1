import type { Log } from '../../../common/log.ts';
import type { ClientEnd } from '../clientEnd.ts';
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
export async function translated(era: Era, client: ClientEnd, known: Known): Promise<ClientEnd> {
  if (era === 'modern') {
    return (await import('../translation/modernClient/modernClient.ts')).modernClient(client, known);
  }
  const { legacyClient } = await import('../translation/legacyClient/legacyClient.ts');
  return legacyClient(client, { ...known, discovered: known.discovered ?? {} });
}
