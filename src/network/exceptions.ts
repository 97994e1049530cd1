import { BlockList, isIP } from 'node:net';

/**
 * Whether an address is reached without a proxy, by entries as `http.noProxy` has them (VS Code, `@vscode/proxy-agent`):
 * `*` for all; a domain, with all that are below it; an IP address, or a range of them (CIDR); each may have a port.
 */
export function isException({ hostname, port, protocol }: URL, entries: readonly string[]): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const usual = protocol === 'https:' ? '443' : '80';
  return entries.some(entry => {
    const text = entry.trim().toLowerCase();
    if (text === '') return false;
    if (text === '*') return true;
    if (text.includes('/')) return isInRange(host, text);
    const [, name = text, its] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(text) ?? [];
    if (its !== undefined && its !== (port || usual)) return false;
    const plain = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
    return host === plain || (isIP(host) === 0 && plain !== '' && host.endsWith(`.${plain}`));
  });
}

function isInRange(host: string, range: string): boolean {
  const family = isIP(host);
  const [network = '', bits = ''] = range.split('/');
  if (family === 0 || isIP(network) !== family || !/^\d{1,3}$/.test(bits)) return false;
  const list = new BlockList();
  const type = family === 6 ? 'ipv6' : 'ipv4';
  try {
    list.addSubnet(network, Number(bits), type);
  } catch {
    return false;
  }
  return list.check(host, type);
}
