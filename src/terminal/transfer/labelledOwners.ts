import { issuerOf } from '../../auth/tenant.ts';
import type { Log } from '../../common/log.ts';
import { plainLine } from '../../common/plainText.ts';
import type { Session } from '../../sessions/session.ts';
import type { Labelled } from '../../store/ownerWords.ts';
import type { Owner } from '../../store/store.ts';
import { openSessionStore } from '../sessionStore.ts';
import type { SignedIn } from './ownRows.ts';

/**
 * Owners with their labels, by the sessions that this user has. With an `AUTH0_TOKEN` no session is looked at, as
 * elsewhere.
 */
export async function withLabels<T extends Owner>(
  owners: readonly T[],
  { environment }: Pick<SignedIn, 'environment'>,
  log: Log,
): Promise<Labelled<T>[]> {
  const sessions = environment.environmentToken ? [] : await (await openSessionStore(log)).list();
  return labelled(owners, sessions);
}

/** Owners with their labels: that of a session, of whatever tenant, else the `sub`. */
export function labelled<T extends Owner>(
  owners: readonly T[],
  sessions: readonly Pick<Session, 'tenant' | 'account'>[],
): Labelled<T>[] {
  return owners.map(owner => {
    const session = sessions.find(one => one.account.id === owner.sub && issuerIn(one) === owner.issuer);
    return { ...owner, label: plainLine(session?.account.label ?? owner.sub) };
  });
}

/** Undefined where its domain is none that we would go to any more. */
function issuerIn({ tenant }: Pick<Session, 'tenant'>): string | undefined {
  try {
    return issuerOf(tenant);
  } catch {
    return undefined;
  }
}
