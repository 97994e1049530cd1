import type { LoginHints } from '../auth/flows/flow.ts';
import { isOmnispindleError } from '../common/errors.ts';
import type { Session } from './session.ts';
import type { SessionStore } from './sessionStore.ts';
import type { Begun } from './shareWork.ts';
import type { Tenant } from '../auth/tenant.ts';
import type { OnProgress } from './signInEvent.ts';

/** A sign-in as another process is asked for it: no secret is in it. */
export interface RequestElsewhere {
  readonly tenant: Tenant;
  readonly account?: string;
  /** By its id or name. */
  readonly organization?: string;
  readonly audience?: string;
  readonly scopes?: readonly string[];
  readonly hints?: LoginHints;
  /** The ids of the sessions that will not do. */
  readonly known: readonly string[];
}

/**
 * Has another process carry out a sign-in and keep its session where this one finds it; it goes on when this one
 * ends. The result is the session's id.
 * @returns undefined where there can be no such process
 */
export type SignInElsewhere = (
  request: RequestElsewhere,
  onProgress: OnProgress,
) => Promise<Begun<string> | undefined>;

interface Surroundings {
  readonly tenant: () => Tenant;
  readonly store: Pick<SessionStore, 'probe'>;
  readonly list: () => Promise<readonly Session[]>;
  readonly signInElsewhere?: SignInElsewhere | undefined;
}

/**
 * How a sign-in is begun in another process, which can hand its session over only by the store: where nothing can be
 * kept there, the sign-in stays here.
 */
export function beginElsewhere(
  { tenant, store, list, signInElsewhere }: Surroundings,
  request: Pick<RequestElsewhere, 'account' | 'organization' | 'audience' | 'scopes' | 'hints'>,
  onProgress: OnProgress,
): (() => Promise<Begun<Session> | undefined>) | undefined {
  const { account, organization, audience, scopes, hints } = request;
  if (!signInElsewhere) return undefined;
  return async () => {
    if (!(await canKeep(store))) return undefined;
    const known = (await list()).map(session => session.id);
    const wanted = {
      ...(account !== undefined && { account }),
      ...(organization !== undefined && { organization }),
      ...(audience !== undefined && { audience }),
      ...(scopes && { scopes }),
      ...(hints && { hints }),
    };
    const begun = await signInElsewhere({ tenant: tenant(), ...wanted, known }, onProgress);
    return begun && { atWork: begun.atWork, result: found(begun.result) };
  };

  async function found(result: Promise<string | undefined>): Promise<Session | undefined> {
    const id = await result;
    return id === undefined ? undefined : (await list()).find(session => session.id === id);
  }
}

async function canKeep(store: Pick<SessionStore, 'probe'>): Promise<boolean> {
  try {
    await store.probe();
    return true;
  } catch (error) {
    if (isOmnispindleError(error, 'storage_failed')) return false;
    throw error;
  }
}
