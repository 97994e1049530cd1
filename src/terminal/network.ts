import { useTenantTransport } from '../auth/tenantFetch.ts';
import { proxyOfEnvironment } from '../network/proxy.ts';

/**
 * Has requests to tenants go as those to servers do: by the proxy that the environment names, and by whichever of a
 * name's addresses answers. Nothing of it concerns what else the process sends.
 * @throws OmnispindleError `invalid_settings` where what names a proxy is no address
 */
export function useNetwork(): void {
  proxyOfEnvironment();
  useTenantTransport(async (target, request) => {
    const { nodeTransport } = await import('../network/tenantTransport.ts');
    return nodeTransport(target, request);
  });
}
