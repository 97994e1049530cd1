import { join } from 'node:path';
import { createListMemory, type ListMemory } from '../bridge/lobby/memory.ts';
import type { Log } from '../common/log.ts';
import { userDirectory } from '../platform/paths.ts';
import type { OpenedSource } from './tokenSource.ts';

/** Where it is kept what is known of the servers that bridges lead to. @throws OmnispindleError `invalid_settings` */
export const serversDirectory = (): string => join(userDirectory(), 'servers');

/** Which server it is about, and for whom. */
export interface ListMemoryFor {
  readonly server: readonly unknown[];
  /** The account that was named. */
  readonly account: string | undefined;
  readonly log: Log;
}

/** What a server listed for an account of that source's; undefined where nobody can sign in, as with `AUTH0_TOKEN`. */
export function listMemoryFor(
  { tenant, asksPerson }: OpenedSource,
  { server, account, log }: ListMemoryFor,
): ListMemory | undefined {
  if (!tenant && !asksPerson) return undefined;
  const { domain, clientId, organization } = tenant ?? {};
  return createListMemory({
    server: [...server, account, domain, clientId, organization],
    directory: serversDirectory,
    log,
  });
}
