import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

interface CertificateOptions {
  /** What a subject alternative name may be: `DNS:remote.example`, `IP:127.0.0.1`. */
  readonly names: readonly string[];
  /** `YYYYMMDDHHMMSSZ`; by default it is good for the coming day. */
  readonly from?: string;
  readonly to?: string;
}

/** An authority that no machine trusts, and what it issues. */
export interface Authority {
  /** The file with its certificate. */
  readonly file: string;
  readonly own: Certificate;
  issue(options: CertificateOptions): Certificate;
}

/** Makes one in that directory. @param names what its own certificate is good for */
export function createAuthority(directory: string, names: readonly string[] = []): Authority {
  mkdirSync(directory, { recursive: true });
  const at = (name: string) => join(directory, name);
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const forNames = (given: readonly string[]) =>
    given.length > 0 ? ['-addext', `subjectAltName=${given.join(',')}`] : [];
  const newKey = ['-newkey', 'rsa:2048', '-nodes'];
  writeFileSync(at('index.txt'), '');
  writeFileSync(
    at('ca.cnf'),
    `[ca]\ndefault_ca=own\n[own]\ndatabase=${at('index.txt')}\nnew_certs_dir=${directory}\nrand_serial=yes\n` +
      'default_md=sha256\ndefault_days=1\nunique_subject=no\ncopy_extensions=copy\npolicy=any\n' +
      '[any]\ncommonName=supplied\n',
  );
  openssl('req', '-x509', ...newKey, '-days', '1', '-subj', '/CN=Test authority', ...forNames(names),
    '-keyout', at('ca.key'), '-out', at('ca.pem')); // prettier-ignore
  return {
    file: at('ca.pem'),
    own: { key: readFileSync(at('ca.key'), 'utf8'), cert: readFileSync(at('ca.pem'), 'utf8') },
    issue({ names: given, from, to }) {
      openssl('req', '-new', ...newKey, '-subj', '/CN=remote', ...forNames(given), '-keyout', at('key.pem'),
        '-out', at('csr.pem')); // prettier-ignore
      const time = [...(from ? ['-startdate', from] : []), ...(to ? ['-enddate', to] : [])];
      openssl('ca', '-batch', '-notext', '-config', at('ca.cnf'), '-cert', at('ca.pem'), '-keyfile', at('ca.key'),
        ...time, '-in', at('csr.pem'), '-out', at('cert.pem')); // prettier-ignore
      return { key: readFileSync(at('key.pem'), 'utf8'), cert: readFileSync(at('cert.pem'), 'utf8') };
    },
  };
}
