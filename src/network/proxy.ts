import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../common/errors.ts';
import { isLoopbackHost } from '../auth/tenant.ts';
import { networkSettings } from '../common/networkSettings.ts';

/** The variables that name a proxy for https, the one that counts before the other. */
const variables = ['https_proxy', 'HTTPS_PROXY'] as const;

/** A proxy that the environment, or the editor that started us, names. */
export interface Proxy {
  /** Where it is said: a variable, or a setting of the editor. */
  readonly origin: string;
  /** Its address, with what it is to be told of us: not to be shown. */
  readonly url: URL;
  /** Whether the editor's window knows what it is to be told of us. */
  readonly hasLogin?: boolean;
  /** What else it is to be told of us (RFC 9110, `Proxy-Authorization`): not to be shown. */
  readonly authorization?: string | undefined;
  /** Whether its own certificate need not be one that we trust. */
  readonly isUnchecked?: boolean;
  /** What makes requests to that host go past it. */
  wayPast(host: string): string;
}

/** Asks the editor's window what the proxy at that address, in its settings, is to be told (`Proxy-Authorization`). */
export type ProxyLogin = (proxy: string) => Promise<string | undefined>;

let login: ProxyLogin = () => Promise.resolve(undefined);

/** Has what the proxy is to be told of us come from there. */
export function useProxyLogin(other: ProxyLogin): void {
  login = other;
}

/**
 * The proxy for https that the editor's settings name, else the environment.
 * @throws OmnispindleError `invalid_settings`, without the address: a password may be in it
 */
export function proxyOfEnvironment(env: NodeJS.ProcessEnv = process.env): Proxy | undefined {
  const { proxy, hasLogin = false, checksProxy = true } = networkSettings(env);
  const isUnchecked = !checksProxy;
  if (proxy) {
    const url = parse(proxy);
    const wayPast = (host: string) => `"http.noProxy": ["${host}"]`;
    if (url) return { origin: 'http.proxy', url, hasLogin, isUnchecked, wayPast };
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t(
        'The editor’s setting {0} is not the address of a proxy. Give one like http://proxy.example:8080, or clear it.',
        'http.proxy',
      ),
    );
  }
  const variable = variables.find(name => env[name]);
  const address = variable && env[variable];
  if (!address) return undefined;
  const url = parse(address);
  if (url) return { origin: variable, url, isUnchecked, wayPast: host => `NO_PROXY=${host}` };
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
 * @throws OmnispindleError `invalid_settings`; why the editor's window does not say what the proxy is to be told
 */
export async function proxyFor(address: URL): Promise<Proxy | undefined> {
  const proxy = proxyOfEnvironment();
  if (!proxy || address.protocol !== 'https:' || isLoopbackHost(address.hostname)) return undefined;
  if (await goesPast(address, proxy)) return undefined;
  return proxy.hasLogin ? { ...proxy, authorization: await login(proxy.url.origin) } : proxy;
}

async function goesPast(address: URL, { origin }: Proxy): Promise<boolean> {
  const { noProxy = [] } = networkSettings();
  const { NO_PROXY = '', no_proxy = NO_PROXY } = process.env;
  if (origin === 'http.proxy') {
    const { isException } = await import('./exceptions.ts');
    return isException(address, [...noProxy, ...no_proxy.split(/[\s,]+/)]);
  }
  // It reads NO_PROXY.
  const { getProxyForUrl } = await import('proxy-from-env');
  if (!getProxyForUrl(address.href)) return true;
  return noProxy.length > 0 && (await import('./exceptions.ts')).isException(address, noProxy);
}

/** The proxy's address as a person may see it. */
export function placeOfProxy({ url }: Proxy): string {
  return url.origin;
}

/** Other programs take `proxy.example:8080` too. */
function parse(address: string): URL | undefined {
  const url = URL.parse(address.includes('://') ? address : `http://${address}`);
  return url && /^https?:$/.test(url.protocol) && url.hostname && canBeDecoded(url) ? url : undefined;
}

function canBeDecoded({ username, password }: URL): boolean {
  try {
    return decodeURIComponent(username + password) !== undefined;
  } catch {
    return false;
  }
}
