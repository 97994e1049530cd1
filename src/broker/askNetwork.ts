import { askBroker, type BrokerAt } from './askBroker.ts';
import { protocolVersion } from './protocol.ts';
import type { TenantKeys } from './windowNetwork.ts';

/** How long (ms) a window may take: a server that waits for keys must have time left to fetch them itself. */
const limit = 5_000;

/** Asks a window what the proxy at that address, if it is that of its settings, is to be told of us. @throws OmnispindleError as {@link askBroker} */
export async function askProxyAuthorization(at: BrokerAt, proxy: string): Promise<string | undefined> {
  return (await ask(at, 'proxy', { proxy })).authorization;
}

/** Asks a window for the tenant's keys. @throws OmnispindleError as {@link askBroker}, and why the window has none */
export async function askTenantKeys(at: BrokerAt, signal?: AbortSignal): Promise<TenantKeys> {
  const { issuer, keys } = await ask(at, 'keys', {}, signal);
  return { issuer, keys };
}

function ask<Wanted extends 'proxy' | 'keys'>(
  at: BrokerAt,
  wanted: Wanted,
  more: { readonly proxy?: string },
  signal?: AbortSignal,
) {
  const enough = AbortSignal.timeout(limit);
  return askBroker(
    at,
    '/network',
    wanted,
    { version: protocolVersion, wanted, ...more },
    { signal: signal ? AbortSignal.any([signal, enough]) : enough },
  );
}
