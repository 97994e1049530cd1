import { useTenantTransport } from '../auth/tenantFetch.ts';
import { proxyOfEnvironment, useProxyLogin } from '../network/proxy.ts';

/**
 * Has requests to tenants go as those to servers do: by the proxy that the editor's settings or the environment name, and
 * by whichever of a name's addresses answers; the tenant's keys come from the window that started us, where one did.
 * Nothing of it concerns what else the process sends.
 * @throws OmnispindleError `invalid_settings` where what names a proxy is no address
 */
export function useNetwork(): void {
  proxyOfEnvironment();
  useProxyLogin(async proxy => (await import('./windowNetwork.ts')).proxyAuthorization(proxy));
  useTenantTransport(async (target, request) => {
    const { keysOfWindow } = await import('./windowNetwork.ts');
    const keys = await keysOfWindow(target, request);
    if (keys) return keys;
    const { nodeTransport } = await import('../network/tenantTransport.ts');
    return nodeTransport(target, request);
  });
}
