import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Tenant } from '../../src/auth/tenant.ts';
import { listenOnLoopback } from './loopback.ts';

/** A server that a person was made to take for a tenant: it says whatever the test wants it to say. */
export interface Impostor {
  /** `http://host:port`, as `AUTH0_DOMAIN` takes it. */
  readonly domain: string;
  /** The paths it was asked for, in order. */
  readonly asked: string[];
  /** Answers that path with that, as JSON; a function answers by itself. */
  answer(path: string, answer: object | ((request: IncomingMessage, response: ServerResponse) => void)): void;
  /** Its discovery document: a right one, but for these. */
  discovers(more: Record<string, unknown>): void;
  /** It as a tenant, with another client each time, so that nothing known of it before counts. */
  tenant(): Tenant;
  close(): Promise<void>;
}

/** Starts one on loopback. */
export async function startImpostor(host = 'localhost'): Promise<Impostor> {
  const server = await listenOnLoopback(0, host);
  const domain = `http://${host}:${String(server.port)}`;
  const answers = new Map<string, Parameters<Impostor['answer']>[1]>();
  const asked: string[] = [];
  let clients = 0;
  server.serve((request, response) => {
    const { pathname } = new URL(request.url ?? '/', domain);
    asked.push(pathname);
    const answer = answers.get(pathname);
    if (typeof answer === 'function') {
      answer(request, response);
    } else {
      response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? {}));
    }
  });
  const impostor: Impostor = {
    domain,
    asked,
    answer: (path, answer) => answers.set(path, answer),
    discovers(more) {
      asked.length = 0;
      impostor.answer('/.well-known/openid-configuration', {
        issuer: `${domain}/`,
        authorization_endpoint: `${domain}/authorize`,
        token_endpoint: `${domain}/oauth/token`,
        device_authorization_endpoint: `${domain}/oauth/device/code`,
        revocation_endpoint: `${domain}/oauth/revoke`,
        userinfo_endpoint: `${domain}/userinfo`,
        jwks_uri: `${domain}/.well-known/jwks.json`,
        ...more,
      });
    },
    tenant: () => ({ domain, clientId: `client-${String(++clients)}`, audience: 'https://api.example/' }),
    close: () => server.close(),
  };
  impostor.discovers({});
  return impostor;
}
