import * as l10n from '@vscode/l10n';
import type { Log } from '../../../auth/log.ts';
import type { ClientEnd } from '../clientEnd.ts';
import type { Era } from './era.ts';

/** What is known of a server that is of another era than its client. */
export interface Known {
  readonly url: URL;
  readonly log: Log;
  /** What a modern server answered `server/discover` with. */
  readonly discovered?: Record<string, unknown>;
}

/** The client's end, as one of the other era. The code for that is loaded only where it is needed. */
export function translated(_era: Era, _client: ClientEnd, known: Known): Promise<ClientEnd> {
  return Promise.reject(
    new Error(l10n.t('{0} speaks another revision of MCP than the client.', known.url.origin)),
  );
}
