import type { DemoTenant } from './tenant.ts';

type Knobs = Pick<
  DemoTenant,
  | 'counters'
  | 'counts'
  | 'resetCounters'
  | 'invite'
  | 'setTokenLifetime'
  | 'setMode'
  | 'dropNextTokenAnswer'
  | 'revokeSessions'
  | 'liveSessions'
  | 'rotateKeys'
  | 'withdrawKeys'
  | 'sign'
>;

/** The knobs of a tenant that runs in another process; every one answers later. */
export type TenantControl = {
  [K in keyof Knobs]: (...args: Parameters<Knobs[K]>) => Promise<Awaited<ReturnType<Knobs[K]>>>;
};

export function tenantControl(domain: string): TenantControl {
  return new Proxy({} as TenantControl, {
    get:
      (_target, op) =>
      async (...args: unknown[]) => {
        const response = await fetch(`${domain}/__control`, {
          method: 'POST',
          body: JSON.stringify({ op, args }),
        });
        if (!response.ok) throw new Error(await response.text());
        return response.json();
      },
  });
}
