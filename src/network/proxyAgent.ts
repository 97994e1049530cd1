import type { ClientRequest } from 'node:http';
import { Agent, type AgentOptions } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { HttpsProxyAgent as LibraryAgent } from 'https-proxy-agent';
import type { Proxy } from './proxy.ts';

type ConnectOptions = Parameters<LibraryAgent<string>['connect']>[1];

/** The code that Node.js gives to a proxy's refusal, with its `statusCode`. */
export const tunnelRefused = 'ERR_PROXY_TUNNEL';

/**
 * An agent whose requests all go through that proxy, in a tunnel (RFC 9110 section 9.3.6): Node.js's own where it can
 * (from 22.21 and 24.5 on), else one of a library.
 */
export async function proxyAgent(proxy: Proxy, options: AgentOptions): Promise<Agent> {
  const own = { ...options, proxyEnv: { HTTPS_PROXY: proxy.url.href } };
  return process.allowedNodeEnvironmentFlags.has('--use-env-proxy')
    ? new Agent(own)
    : libraryAgent(proxy, options);
}

async function libraryAgent({ url }: Proxy, options: AgentOptions): Promise<Agent> {
  const {
    default: { HttpsProxyAgent },
  } = await import('https-proxy-agent');

  /** It takes what a proxy refuses with for the answer of the server. */
  class TunnelAgent extends HttpsProxyAgent<string> {
    override async connect(request: ClientRequest, connecting: ConnectOptions): Promise<Socket> {
      let status = 200;
      request.once('proxyConnect', (answer: { statusCode: number }) => {
        status = answer.statusCode;
      });
      const socket = await super.connect(request, withIdentity(connecting));
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
  const authorization = [url.username, url.password].map(decodeURIComponent).join(':');
  const headers = { 'Proxy-Authorization': `Basic ${Buffer.from(authorization).toString('base64')}` };
  return new TunnelAgent(address.href, { ...options, ...(authorization !== ':' && { headers }) });
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
