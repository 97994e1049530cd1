import type { ClientRequest } from 'node:http';
import { Agent, type AgentOptions } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { HttpsProxyAgent as LibraryAgent } from 'https-proxy-agent';
import { codeOf } from '../common/errors.ts';
import type { Proxy } from './proxy.ts';

type ConnectOptions = Parameters<LibraryAgent<string>['connect']>[1];

/** The code that Node.js gives to a proxy's refusal, with its `statusCode`. */
export const tunnelRefused = 'ERR_PROXY_TUNNEL';

/** That the connection to the proxy itself failed, whose address is https: its certificate may be why. */
export class UnsafeProxyError extends Error {
  constructor(cause: unknown) {
    super(String(cause), { cause });
  }
}

/**
 * An agent whose requests all go through that proxy, in a tunnel (RFC 9110 section 9.3.6): Node.js's own where it can
 * (from 22.21 and 24.5 on), else one of a library, which also can treat the proxy's certificate unlike the server's.
 */
export async function proxyAgent(proxy: Proxy, options: AgentOptions): Promise<Agent> {
  const own = { ...options, proxyEnv: { HTTPS_PROXY: proxy.url.href } };
  const isUsual = proxy.authorization === undefined && proxy.url.protocol === 'http:';
  return isUsual && process.allowedNodeEnvironmentFlags.has('--use-env-proxy')
    ? new Agent(own)
    : libraryAgent(proxy, options);
}

async function libraryAgent(
  { url, authorization, isUnchecked }: Proxy,
  options: AgentOptions,
): Promise<Agent> {
  const {
    default: { HttpsProxyAgent },
  } = await import('https-proxy-agent');

  /** It takes what a proxy refuses with for the answer of the server. */
  class TunnelAgent extends HttpsProxyAgent<string> {
    override async connect(request: ClientRequest, connecting: ConnectOptions): Promise<Socket> {
      let status: number | undefined;
      request.once('proxyConnect', (answer: { statusCode: number }) => {
        status = answer.statusCode;
      });
      const socket = await super.connect(request, withIdentity(connecting)).catch((error: unknown) => {
        throw status === undefined && isCertificates(error) ? new UnsafeProxyError(error) : error;
      });
      if (status === 200) return socket;
      socket.destroy();
      throw Object.assign(new Error(`The proxy answered with status ${String(status)}.`), {
        code: tunnelRefused,
        statusCode: status,
      });
    }
  }
  const address = new URL(url);
  address.username = address.password = '';
  // Apart from the address, which the library writes into its log.
  const told = authorization ?? basicOf(url);
  const headers = { 'Proxy-Authorization': told };
  const agent = new TunnelAgent(address.href, { ...options, ...(told !== undefined && { headers }) });
  // Here, and not among the options, which count for the server's certificate too.
  if (isUnchecked) Object.assign(agent.connectOpts, { rejectUnauthorized: false });
  return agent;
}

function basicOf({ username, password }: URL): string | undefined {
  const login = [username, password].map(decodeURIComponent).join(':');
  return login === ':' ? undefined : `Basic ${Buffer.from(login).toString('base64')}`;
}

/** Whether the other end's certificate was refused (OpenSSL's codes, and Node.js's for a wrong name). */
function isCertificates(error: unknown): boolean {
  return /CERT|SIGNATURE|ISSUER|ALTNAME/.test(codeOf(error));
}

/** The library leaves out which address is meant, and Node.js would take the certificate for `localhost`'s. */
function withIdentity(connecting: ConnectOptions): ConnectOptions {
  const host = connecting.host ?? '';
  return isIP(host) === 0
    ? connecting
    : Object.assign({}, connecting, {
        checkServerIdentity: (_: string, certificate: PeerCertificate) =>
          checkServerIdentity(host, certificate),
      });
}
