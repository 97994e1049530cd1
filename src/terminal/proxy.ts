import * as http from 'node:http';
import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/errors.ts';

const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'];

/** This machine, where plain http is allowed: a proxy would be told the token in the clear. */
const never = ['localhost', '127.0.0.1', '127.0.0.0-127.255.255.255', '::1', '[::1]'];

/**
 * Honours the proxy variables of the environment (Node.js API, `http.setGlobalProxyFromEnv`, from 24.14 on;
 * an older runtime has the variable `NODE_USE_ENV_PROXY`), except for this machine itself.
 * @throws AuthError `invalid_settings`, without the address: a password may be in it
 */
export function useProxyOfEnvironment(env: NodeJS.ProcessEnv = process.env): void {
  const { setGlobalProxyFromEnv } = http as Partial<typeof http>;
  const proxies = variables.flatMap(name => (env[name] ? [[name, withScheme(env[name])] as const] : []));
  if (proxies.length === 0) return;
  const noProxy = [env['no_proxy'] ?? env['NO_PROXY'], ...never].filter(Boolean).join(',');
  try {
    setGlobalProxyFromEnv?.({ ...Object.fromEntries(proxies), NO_PROXY: noProxy });
  } catch {
    throw new AuthError(
      'invalid_settings',
      l10n.t(
        '{0} is not the address of a proxy. Give one like http://proxy.example:8080, or remove the variable.',
        proxies.map(([name]) => name).join(', '),
      ),
    );
  }
}

/** Other programs take `proxy.example:8080` too. */
function withScheme(address: string): string {
  return address.includes('://') ? address : `http://${address}`;
}
