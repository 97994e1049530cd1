import * as vscode from 'vscode';
import { AuthError } from '../auth/authError.ts';
import { keySetPath } from '../auth/keySetPath.ts';
import { issuerOf } from '../auth/tenant.ts';
import type { WindowNetwork } from '../broker/windowNetwork.ts';
import { networkVariable, type NetworkSettings } from '../common/networkVariable.ts';
import { tenantSetting } from './settings.ts';

/** The editor's own settings that count for its servers too. */
const names = [
  'proxy',
  'proxySupport',
  'proxyAuthorization',
  'noProxy',
  'proxyStrictSSL',
  'systemCertificates',
] as const;

/** A setting of the editor as the person set it for themselves: a workspace decides nothing of it. */
function setting(name: (typeof names)[number]): unknown {
  const found = vscode.workspace.getConfiguration('http').inspect(name);
  return found?.globalValue ?? found?.defaultValue;
}

/** Whether a change of settings concerns how servers reach others. */
export function affectsNetwork(change: vscode.ConfigurationChangeEvent): boolean {
  return names.some(name => change.affectsConfiguration(`http.${name}`));
}

/** The proxy that the settings name, where extensions are to use one. */
function proxySetting(): { readonly address: string; readonly login?: string } | undefined {
  const text = setting('proxy');
  if (typeof text !== 'string' || text.trim() === '' || setting('proxySupport') === 'off') return undefined;
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  // Anything but an address is not passed on: a password may be in it. The editor itself says that it is wrong.
  if (!url?.hostname || !/^https?:$/.test(url.protocol)) return undefined;
  const said = setting('proxyAuthorization');
  const login = typeof said === 'string' && said !== '' ? said : basicOf(url);
  return { address: url.origin, ...(login !== undefined && { login }) };
}

/** As a proxy is told a name and a password (RFC 7617 section 2). */
function basicOf({ username, password }: URL): string | undefined {
  if (!username && !password) return undefined;
  const login = [username, password].map(part => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return `Basic ${Buffer.from(login.join(':')).toString('base64')}`;
}

/** What tells a server how its requests are to travel, as the editor's do. Nothing of it is a secret. */
export function networkEnvironment(): Record<string, string> {
  const proxy = proxySetting();
  const exceptions = setting('noProxy');
  const noProxy = Array.isArray(exceptions) ? exceptions.filter(isPlain).slice(0, 256) : [];
  const settings: NetworkSettings = {
    ...(proxy && { proxy: proxy.address, ...(proxy.login !== undefined && { hasLogin: true }) }),
    ...(noProxy.length > 0 && { noProxy }),
    ...(setting('proxyStrictSSL') === false && { checksProxy: false }),
    ...(setting('systemCertificates') !== false && { systemCertificates: true }),
  };
  return Object.keys(settings).length > 0 ? { [networkVariable]: JSON.stringify(settings) } : {};
}

/** Whether a text is like a host; an agent host would fill in what looks like a variable of its own. */
function isPlain(entry: unknown): entry is string {
  return typeof entry === 'string' && /^[\w.*:/[\] -]{1,256}$/.test(entry);
}

/** What this window does on the network for its servers. */
export function createWindowNetwork(): WindowNetwork {
  return {
    proxyAuthorization(proxy) {
      const now = proxySetting();
      return now?.address === proxy ? now.login : undefined;
    },
    async fetchKeys(signal) {
      const { tenantFetch } = await import('../auth/tenantFetch.ts');
      const tenant = tenantSetting();
      const issuer = issuerOf(tenant);
      const address = new URL(keySetPath, issuer).href;
      const response = await tenantFetch(tenant)(address, signal ? { signal } : {});
      if (response.ok) return { issuer, keys: await response.text() };
      throw new AuthError(
        'tenant_unreachable',
        vscode.l10n.t('{0} did not give its keys (status {1}).', tenant.domain, String(response.status)),
      );
    },
  };
}
