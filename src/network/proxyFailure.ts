import * as l10n from '@vscode/l10n';
import { codeOf } from '../common/errors.ts';
import { ProxyError } from '../common/proxyError.ts';
import { placeOfProxy, type Proxy } from './proxy.ts';
import { tunnelRefused, UnsafeProxyError } from './proxyAgent.ts';

/** How connecting fails where nobody is there. */
const calls = new Set<unknown>(['connect', 'getaddrinfo']);

/**
 * What a failed request through a proxy means where the proxy is at fault; else the error as it is.
 * @param host the server that was meant
 */
export function proxyFailure(error: unknown, proxy: Proxy, host: string): unknown {
  if (!(error instanceof Error)) return error;
  const { statusCode: status, syscall } = error as { statusCode?: unknown; syscall?: unknown };
  const place = placeOfProxy(proxy);
  const code = codeOf(error);
  if (error instanceof UnsafeProxyError) return new ProxyError(codeOf(error.cause), untrusted(error, proxy));
  if (code === tunnelRefused) return new ProxyError(code, refused(Number(status), proxy, host));
  const isAway = calls.has(syscall) || (error instanceof AggregateError && code !== String(error));
  if (!isAway) return error;
  return new ProxyError(
    code,
    l10n.t(
      'The proxy {0}, which {1} names, could not be reached ({2}). Check the network and the address; {3} goes past it.',
      place,
      proxy.origin,
      code,
      proxy.wayPast(host),
    ),
  );
}

function untrusted({ cause }: UnsafeProxyError, proxy: Proxy): string {
  return l10n.t(
    'The certificate of the proxy {0}, which {1} names, is not trusted ({2}). Have it trusted, as by NODE_EXTRA_CA_CERTS; in the editor, "http.proxyStrictSSL": false leaves it unchecked.',
    placeOfProxy(proxy),
    proxy.origin,
    codeOf(cause),
  );
}

function refused(status: number, proxy: Proxy, host: string): string {
  const place = placeOfProxy(proxy);
  if (status === 407 && proxy.hasLogin && proxy.authorization === undefined) {
    return l10n.t(
      'The proxy {0} wants a name and a password (status 407), which only a window of the editor tells. Open one, then start the server again.',
      place,
    );
  }
  if (status === 407) {
    return l10n.t(
      'The proxy {0} wants a name and a password that it knows (status 407). Put them into {1}, as in http://name:password@proxy.example:8080, with %40 for @ and the like.',
      place,
      proxy.origin,
    );
  }
  return l10n.t(
    'The proxy {0}, which {1} names, does not connect to {2} (status {3}). Check the address, or ask whoever runs the proxy; {4} goes past it.',
    place,
    proxy.origin,
    host,
    Number.isNaN(status) ? '?' : String(status),
    proxy.wayPast(host),
  );
}
