import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { run, type Surroundings } from '../terminal/fixtures.ts';
import type { Certificate } from './certificates.ts';

/** What is tenant and server behind TLS; as a tenant it has as much as a check of it needs. */
export interface TlsTenant {
  /** Its host and port. */
  readonly place: string;
  /** What it was asked for. */
  readonly asked: readonly string[];
  close(): void;
}

/** Starts one on this machine. @param host the name it has, which need not lead to it */
export async function startTlsTenant(certificate: Certificate, host = 'localhost'): Promise<TlsTenant> {
  const asked: string[] = [];
  let place = '';
  const server = createServer(certificate, (request, response) => {
    asked.push(request.url ?? '');
    const at = (path: string) => `https://${place}/${path}`;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        issuer: at(''),
        authorization_endpoint: at('authorize'),
        token_endpoint: at('oauth/token'),
        jwks_uri: at('.well-known/jwks.json'),
      }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  place = `${host}:${String((server.address() as AddressInfo).port)}`;
  return {
    place,
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Somebody who signs in there. */
export function surroundingsOf(
  place: string,
  directory: string,
  env: Record<string, string> = {},
): Surroundings {
  return { tenant: { domain: place, clientId: 'client', audience: 'https://api.example/' }, directory, env };
}

/** What `doctor` says of the tenant. */
export async function checkedTenant(surroundings: Surroundings) {
  const { stdout } = await run(surroundings, 'doctor', '--json');
  const { findings } = JSON.parse(stdout) as {
    findings: { check: string; ok: boolean; message: string }[];
  };
  return findings.find(({ check }) => check === 'Tenant')!;
}
