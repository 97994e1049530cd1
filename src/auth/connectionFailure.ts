import * as l10n from '@vscode/l10n';
import { inPlace } from '../common/place.ts';
import { ProxyError } from '../common/proxyError.ts';

/** How many errors, within one another, are looked at. */
const mostErrors = 32;

/** That nobody whom Node.js trusts vouches for the certificate (OpenSSL, `X509_STORE_CTX_get_error`). */
const untrusted = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
  'CERT_CHAIN_TOO_LONG',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
]);
/** How an answer without TLS looks to OpenSSL, as of a server that speaks plain http or the page of a proxy. */
const noTls = /wrong[_ ]version[_ ]number|packet[_ ]length[_ ]too[_ ]long/i;

/** The codes of an error, of those it holds, and of their causes, the outermost first. */
export function codesIn(error: unknown): string[] {
  return errorsIn(error).flatMap(codeOf);
}

/**
 * Says what to do where a connection failed by a proxy, by its certificate, or by an answer without TLS; undefined where it was
 * none of them.
 * @param place the server, as a person knows it
 */
export function connectionFailure(error: unknown, place: string): string | undefined {
  for (const each of errorsIn(error)) {
    if (each instanceof ProxyError) return each.message;
    for (const code of codeOf(each)) {
      // Which of the two says so depends on the version of Node.js.
      const said = noTls.test(`${code} ${each.message}`) ? isNoTls(code, place) : meaningOf(code, place);
      if (said !== undefined) return said;
    }
  }
  return undefined;
}

function errorsIn(error: unknown): Error[] {
  const errors: Error[] = [];
  const left: unknown[] = [error];
  while (left.length > 0 && errors.length < mostErrors) {
    const next = left.shift();
    if (!(next instanceof Error)) continue;
    errors.push(next);
    if (next instanceof AggregateError) left.push(...(next.errors as unknown[]).slice(0, mostErrors));
    left.push(next.cause);
  }
  return errors;
}

function codeOf(error: Error): string[] {
  return 'code' in error && typeof error.code === 'string' ? [error.code] : [];
}

function isNoTls(code: string, place: string): string {
  return l10n.t(
    'What answers at {0} does not speak TLS ({1}). Check the address, its port, and the proxy if there is one.',
    place,
    code,
  );
}

function meaningOf(code: string, place: string): string | undefined {
  if (untrusted.has(code)) {
    return inPlace({
      editor: l10n.t(
        '{0} shows a certificate that nobody trusted here has issued ({1}). If a proxy or a security program looks into TLS, or the server has a certificate of its own authority: have this machine’s system trust that authority, then restart the editor, which takes its certificates from there.',
        place,
        code,
      ),
      terminal: l10n.t(
        '{0} shows a certificate that nobody trusted here has issued ({1}). If a proxy or a security program looks into TLS, or the server has a certificate of its own authority: set NODE_EXTRA_CA_CERTS to a file with that authority’s certificate (PEM), or NODE_OPTIONS=--use-system-ca if this machine trusts it already. An MCP client takes both in the server’s "env".',
        place,
        code,
      ),
    });
  }
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return l10n.t(
        'The certificate of {0} has expired ({1}). Check the date of this machine; if it is right, ask whoever runs the server, or the proxy before it, to renew it.',
        place,
        code,
      );
    case 'CERT_NOT_YET_VALID':
      return l10n.t(
        'The certificate of {0} is not valid yet ({1}). Check the date of this machine, or turn on automatic time; if it is right, ask whoever runs the server.',
        place,
        code,
      );
    case 'CERT_REVOKED':
      return l10n.t(
        'The certificate of {0} was revoked ({1}). Nothing was sent. Ask whoever runs the server.',
        place,
        code,
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'HOSTNAME_MISMATCH':
      return l10n.t(
        'The certificate that {0} shows is for another name ({1}), so nothing was sent. Check the address; a network that wants you to sign in first, or a proxy, may answer in its place.',
        place,
        code,
      );
    default:
      return undefined;
  }
}
