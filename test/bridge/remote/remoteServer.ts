import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { isIP, type AddressInfo } from 'node:net';
import { streamableSessions, type Sessions } from './sessions.ts';

/** Answers a request itself, or lets it pass. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface RemoteServer {
  readonly url: string;
  readonly port: number;
  readonly requests: {
    method: string;
    path: string;
    authorization: string | undefined;
    headers: IncomingMessage['headers'];
  }[];
  /** What was asked without a token: for its metadata, and what it says to that. */
  readonly asked: { method: string; path: string; headers: IncomingMessage['headers'] }[];
  /** Answers what is asked without a token; absent, it declares no API. */
  declare: Interceptor | undefined;
  /** Sees each request with a token first. */
  intercept: Interceptor | undefined;
  /** Forgets every session, as a restart does. */
  forget(): void;
  /** Breaks every open connection. */
  drop(): void;
  listChanged(): void;
  stop(): Promise<void>;
  startAgain(): Promise<void>;
}

export interface RemoteServerOptions {
  readonly sessions?: Sessions;
  /** How clients name it: any name, or an address of this machine. */
  readonly host?: string;
  readonly certificate?: { readonly key: string; readonly cert: string };
}

/** A real SDK server for remote clients, over Streamable HTTP unless told otherwise, with knobs. */
export async function startRemoteServer({
  sessions = streamableSessions(),
  host = '127.0.0.1',
  certificate,
}: RemoteServerOptions = {}): Promise<RemoteServer> {
  const requests: RemoteServer['requests'] = [];
  const asked: RemoteServer['asked'] = [];
  let http: Server;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    if (headers.authorization === undefined) {
      asked.push({ method, path, headers });
      if (!remote.declare?.(request, response)) response.writeHead(path === '/mcp' ? 401 : 404).end();
      return;
    }
    requests.push({ method, path, authorization: headers.authorization, headers });
    if (!remote.intercept?.(request, response)) await sessions.handle(request, response);
  }

  async function listen(at: number): Promise<number> {
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      void handle(request, response);
    };
    // The client closes what is idle. A server may do so just as the next request comes.
    const options = { ...certificate, keepAliveTimeout: 0 };
    http = certificate ? createSecureServer(options, listener) : createServer(options, listener);
    await new Promise<void>(resolve => http.listen(at, isIP(host) ? host : '127.0.0.1', resolve));
    return (http.address() as AddressInfo).port;
  }
  const port = await listen(0);

  const remote: RemoteServer = {
    url: `${certificate ? 'https' : 'http'}://${host}:${String(port)}/mcp`,
    port,
    requests,
    asked,
    declare: undefined,
    intercept: undefined,
    forget: () => {
      sessions.forget();
    },
    drop() {
      http.closeAllConnections();
    },
    listChanged() {
      for (const server of sessions.servers()) server.sendToolListChanged();
    },
    async stop() {
      sessions.forget();
      await new Promise(resolve => {
        http.close(resolve);
        http.closeAllConnections();
      });
    },
    async startAgain() {
      await listen(port);
    },
  };
  return remote;
}
