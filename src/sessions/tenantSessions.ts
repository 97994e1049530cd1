import { isSameTenant, type Tenant } from '../auth/tenant.ts';
import type { SessionRequest } from './authenticator.ts';
import { sessionsFor, sessionsIn } from './matching.ts';
import type { Session } from './session.ts';
import { settledSessions, type SettleOptions } from './settleLabels.ts';

/** Where the sessions are, and of which tenant. */
export interface TenantSessionsOptions extends SettleOptions {
  readonly tenant: () => Tenant;
}

/** The stored sessions of a tenant, the latest first. */
export interface TenantSessions {
  /** Of whatever organization. */
  all(): Promise<Session[]>;
  /** Of the tenant's organization, where it has one. */
  list(): Promise<Session[]>;
  /** Those that answer a request. @throws OmnispindleError `invalid_settings` where several accounts have the name */
  answering(request: SessionRequest): Promise<readonly Session[]>;
}

/** Builds the {@link TenantSessions} of a store. */
export function createTenantSessions({ tenant, ...options }: TenantSessionsOptions): TenantSessions {
  async function all(): Promise<Session[]> {
    const wanted = tenant();
    const stored = await settledSessions(options);
    const sessions = stored.filter(session => isSameTenant(session.tenant, wanted));
    return sessions.sort((a, b) => b.signedInAt - a.signedInAt);
  }
  return {
    all,
    list: async () => [...sessionsIn(await all(), tenant().organization)],
    answering: async request => sessionsFor(await all(), request, tenant()),
  };
}
