import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../common/errors.ts';
import { isLoopbackHost } from '../auth/tenant.ts';

/** The variables that name a proxy for https, the one that counts before the other. */
const variables = ['https_proxy', 'HTTPS_PROXY'] as const;

/** A proxy that the environment names. */
export interface Proxy {
  /** Where it is said. */
  readonly variable: string;
  /** Its address, with what it is to be told of us: not to be shown. */
  readonly url: URL;
}

/**
 * The proxy that the environment names for https.
 * @throws OmnispindleError `invalid_settings`, without the address: a password may be in it
 */
export function proxyOfEnvironment(env: NodeJS.ProcessEnv = process.env): Proxy | undefined {
  const variable = variables.find(name => env[name]);
  const address = variable && env[variable];
  if (!address) return undefined;
  // Other programs take `proxy.example:8080` too.
  const url = URL.parse(address.includes('://') ? address : `http://${address}`);
  if (url && /^https?:$/.test(url.protocol) && url.hostname && canBeDecoded(url)) return { variable, url };
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t(
      '{0} is not the address of a proxy. Give one like http://proxy.example:8080, or remove the variable.',
      variable,
    ),
  );
}

/**
 * The proxy that requests to that address go through; undefined where they go straight there. Requests to this machine
 * always do: plain http is allowed for it, so a proxy would be told the token in the clear.
 * @throws OmnispindleError `invalid_settings`
 */
export async function proxyFor(address: URL): Promise<Proxy | undefined> {
  const proxy = proxyOfEnvironment();
  if (!proxy || address.protocol !== 'https:' || isLoopbackHost(address.hostname)) return undefined;
  // It reads NO_PROXY.
  const { getProxyForUrl } = await import('proxy-from-env');
  return getProxyForUrl(address.href) ? proxy : undefined;
}

/** The proxy's address as a person may see it. */
export function placeOfProxy({ url }: Proxy): string {
  return url.origin;
}

function canBeDecoded({ username, password }: URL): boolean {
  try {
    return decodeURIComponent(username + password) !== undefined;
  } catch {
    return false;
  }
}
