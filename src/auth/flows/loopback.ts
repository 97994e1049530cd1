import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import * as l10n from '@vscode/l10n';
import { beginAuthorization, type AuthorizationRequest } from '../authorizationRequest.ts';
import { unlessRefused } from '../callbackCheck.ts';
import { failedWords, pageFor, pageHeaders, signedInWords, type PageWords } from '../callbackPage.ts';
import { AuthError } from '../authError.ts';
import { codeOf, isOmnispindleError, OmnispindleError } from '../../common/errors.ts';
import { spokenTranslation } from '../../common/translation.ts';
import type { Flow, Grant } from './flow.ts';
import { settingName } from '../../common/settingName.ts';

const callbackPath = '/callback';

/** Where the loopback flow listens. */
export interface LoopbackOptions {
  /** The port, or what says it when a sign-in begins. */
  readonly port: number | (() => number);
  /** Where the browser reaches that callback, where it is not at `localhost` itself (a forwarded port). */
  readonly externalUri?: (localUri: string) => Promise<string>;
}

/**
 * Sign-in whose callback is a server on this machine (RFC 8252 section 7.3). The redirect URI is always
 * `http://localhost:<port>/callback`, because Auth0 compares it exactly; both loopback addresses listen.
 */
export function loopbackFlow({ port, externalUri }: LoopbackOptions): Flow {
  return {
    name: 'loopback',
    async run({ tenant, audience, scopes, hints, expected, ui, log, signal }) {
      const wanted = typeof port === 'function' ? port() : port;
      const callback = await listen(wanted);
      try {
        const localUri = `http://localhost:${String(wanted)}${callbackPath}`;
        const redirectUri = (await externalUri?.(localUri)) ?? localUri;
        const request = await beginAuthorization(tenant, { redirectUri, audience, scopes, hints, expected });
        const granted = callback.answerWith(request, new URL(redirectUri).host);
        log.info(`Waiting for the browser at ${redirectUri}.`);
        const open = () => ui.openBrowser(request.url);
        return await unlessRefused({ tenant, redirectUri, signal, open, granted });
      } finally {
        callback.close();
      }
    },
  };
}

/**
 * Checks that the callback could listen at that port.
 * @throws OmnispindleError `port_in_use` or `flow_unavailable`
 */
export async function checkCallbackPort(port: number): Promise<void> {
  (await listen(port)).close();
}

interface CallbackServer {
  /** The grant of the first callback that is this request's; all others get a page that says so. */
  answerWith(request: AuthorizationRequest, externalHost: string): Promise<Grant>;
  close(): void;
}

async function listen(port: number): Promise<CallbackServer> {
  const { promise: granted, resolve, reject } = Promise.withResolvers<Grant>();
  // A failure is also seen by whoever waits; before that nobody may.
  granted.catch(() => undefined);
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]'].map(name => `${name}:${String(port)}`));
  let current: AuthorizationRequest | undefined;

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.shouldKeepAlive = false;
    const target = URL.parse(incoming.url ?? '', 'http://localhost');
    if (!hosts.has(incoming.headers.host ?? '')) {
      await send(incoming, response, 400, () =>
        failedWords(l10n.t('This address is not the one the sign-in page leads to.')),
      );
    } else if (target?.pathname !== callbackPath) {
      await send(incoming, response, 404, () =>
        failedWords(l10n.t('There is nothing here. Go back to the sign-in page.')),
      );
    } else if (incoming.method !== 'GET') {
      response.setHeader('allow', 'GET');
      await send(incoming, response, 405, () =>
        failedWords(l10n.t('Only a browser coming from the sign-in page is answered here.')),
      );
    } else {
      await redeem(incoming, target.searchParams, response);
    }
  }

  async function redeem(
    incoming: IncomingMessage,
    query: URLSearchParams,
    response: ServerResponse,
  ): Promise<void> {
    try {
      if (!current) throw new AuthError('invalid_callback', l10n.t('No sign-in waits here. Start it again.'));
      const grant = await current.redeem(query);
      await send(incoming, response, 200, () => signedInWords(grant.account.label));
      resolve(grant);
    } catch (error) {
      const { language: messageLanguage } = spokenTranslation();
      await send(incoming, response, 400, () =>
        isOmnispindleError(error)
          ? { ...failedWords(error.message), messageLanguage }
          : failedWords(l10n.t('The sign-in failed. Start it again.')),
      );
      if (!isOmnispindleError(error, 'invalid_callback')) reject(error);
    }
  }

  const onRequest = (incoming: IncomingMessage, response: ServerResponse) => {
    answer(incoming, response).catch(reject);
  };
  const servers = [createServer(onRequest), createServer(onRequest)] as const;
  const close = () => {
    for (const server of servers) {
      server.close();
      // Browsers open connections beforehand; one that is never used would keep the process alive.
      server.closeAllConnections();
    }
  };
  try {
    await bind(servers[0], port, '127.0.0.1');
    await bind(servers[1], port, '::1').catch((error: unknown) => {
      // Without IPv6 the other address is enough.
      if (codeOf(error) !== 'EADDRNOTAVAIL' && codeOf(error) !== 'EAFNOSUPPORT') throw error;
    });
  } catch (error) {
    close();
    throw portError(port, error);
  }
  return {
    answerWith(request, externalHost) {
      hosts.add(externalHost);
      current = request;
      return granted;
    },
    close,
  };
}

async function bind(server: Server, port: number, host: string): Promise<void> {
  server.listen({ port, host, ipv6Only: true, exclusive: true });
  await once(server, 'listening');
}

async function send(
  { headers }: IncomingMessage,
  response: ServerResponse,
  status: number,
  words: () => PageWords,
): Promise<void> {
  response.writeHead(status, pageHeaders).end(await pageFor(headers['accept-language'], words));
  // Whoever has closed the page by then is signed in anyway.
  await finished(response).catch(() => undefined);
}

function portError(port: number, error: unknown): OmnispindleError {
  const code = codeOf(error);
  if (code !== 'EADDRINUSE') {
    return new AuthError(
      'flow_unavailable',
      l10n.t('Port {0} cannot be opened on this machine ({1}).', String(port), code),
    );
  }
  return new OmnispindleError(
    'port_in_use',
    l10n.t(
      'Port {0} is used by another program. Close that program, or set {1} to a port whose callback your tenant allows.',
      String(port),
      settingName('callbackPort'),
    ),
  );
}
