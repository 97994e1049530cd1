import { keySetPath } from '../auth/keySetPath.ts';
import type { BrokerAt } from '../broker/askBroker.ts';
import { addressVariable, keyVariable } from '../broker/variables.ts';

/** The window that started us, where one did. */
function startedBy(env: NodeJS.ProcessEnv = process.env): BrokerAt | undefined {
  const { [addressVariable]: address, [keyVariable]: key } = env;
  return address && key ? { address, key } : undefined;
}

let window: () => Promise<BrokerAt | undefined> = () => Promise.resolve(startedBy());

/** Has an open window asked that has not started us. */
export function useWindow(other: typeof window): void {
  window = other;
}

/**
 * What the proxy of the editor's settings is to be told of us; undefined where no window tells it: the proxy then says
 * itself what it lacks.
 */
export async function proxyAuthorization(proxy: string): Promise<string | undefined> {
  const at = await window();
  if (!at) return undefined;
  const { askProxyAuthorization } = await import('../broker/askNetwork.ts');
  return askProxyAuthorization(at, proxy).catch(() => undefined);
}

/**
 * The tenant's keys, where that is what is asked for, as the window that started us has fetched them: it may know a way
 * to the tenant that we do not, by the system's proxy for example. Undefined where it has none.
 */
export async function keysOfWindow(
  target: URL,
  { method = 'GET', signal }: { readonly method?: string; readonly signal?: AbortSignal },
): Promise<Response | undefined> {
  const at = method === 'GET' && target.href.endsWith(`/${keySetPath}`) ? await window() : undefined;
  if (!at) return undefined;
  const { askTenantKeys } = await import('../broker/askNetwork.ts');
  const found = await askTenantKeys(at, signal).catch(() => undefined);
  // The settings may name another tenant by now.
  if (found && URL.parse(keySetPath, found.issuer)?.href !== target.href) return undefined;
  return found && new Response(found.keys, { headers: { 'content-type': 'application/json' } });
}
