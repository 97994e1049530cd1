import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Log } from '../../../common/log.ts';
import { scopeToken } from '../../../sessions/accessTokens.ts';
import { createServerRecords } from '../serverRecords.ts';
import { mostScopes } from './wish.ts';

/** What an account has allowed a server. */
interface Allowed {
  readonly scopes: readonly string[];
  /** When (ms since 1970) the person was last asked to sign in more strongly. */
  readonly stepUpAt?: number | undefined;
}

/** What was allowed earlier, by any process of the user. */
export interface ConsentMemory {
  /** Never rejects. */
  get(account: string | undefined): Promise<Allowed>;
  /** Never rejects. */
  set(account: string | undefined, allowed: Allowed): Promise<void>;
}

/** Which server it is about, and where it is kept. */
export interface ConsentMemoryOptions {
  readonly url: URL;
  /** A directory of the user's own. @throws where there is none */
  directory(): string;
  readonly log: Log;
}

/** Largest file (bytes) that is read. */
const largestFile = 1024 * 1024;

const fileSchema = z.record(
  z.string(),
  z.object({
    scopes: z.array(z.string().check(z.regex(scopeToken))).check(z.maxLength(mostScopes)),
    stepUpAt: z.optional(z.int()),
  }),
);

/** Remembers what accounts allowed a server, in a file; without one, for this process. */
export function createConsentMemory({ url, directory, log }: ConsentMemoryOptions): ConsentMemory {
  const known = new Map<string, Allowed>();
  // Without the query, where keys stand; what two servers at one origin may have differs.
  const keyOf = (account = '') =>
    createHash('sha256')
      .update(JSON.stringify([url.origin + url.pathname, account]))
      .digest('base64url');

  const records = createServerRecords<Allowed>({
    fileName: 'consent.json',
    largestFile,
    directory,
    parse: text => new Map(Object.entries(fileSchema.parse(JSON.parse(text)))),
    log,
  });
  const read = () => records.read().catch(() => new Map<string, Allowed>());

  return {
    async get(account) {
      const key = keyOf(account);
      const found = known.get(key) ?? (await read()).get(key) ?? { scopes: [] };
      known.set(key, found);
      return found;
    },
    async set(account, allowed) {
      const key = keyOf(account);
      known.set(key, allowed);
      try {
        await records.put(key, allowed);
      } catch (error) {
        log.debug(`What was allowed is not remembered: ${String(error)}`);
      }
    },
  };
}
