import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import * as l10n from '@vscode/l10n';
import type { TokenRequest, TokenSource } from '../../auth/tokenSource.ts';

/** The call a request is made for: its cancellation, and who hears what it waits for. */
export const currentCall = new AsyncLocalStorage<
  Pick<TokenRequest, 'signal' | 'onProgress'> & { id: RequestId }
>();

export interface AuthorizedFetchOptions {
  /** The server. Tokens and headers go to its origin and nowhere else. */
  readonly url: URL;
  readonly tokenSource: TokenSource;
  /** Headers of the person's own. */
  readonly headers: Readonly<Record<string, string>>;
  /** Told when the stream that should carry a call's answer has ended, for whatever reason. */
  onStreamEnd?(id: RequestId): void;
}

const maximumRedirects = 3;

/**
 * A fetch that gives every request a token that is good now. A 401 is answered by one renewal and one
 * retry; a 403 with `insufficient_scope` (RFC 6750 section 3.1) by asking for that scope, once.
 * @throws Error where the server redirects elsewhere: a token never crosses to another origin
 */
export function authorizedFetch({
  url,
  tokenSource,
  headers: own,
  onStreamEnd,
}: AuthorizedFetchOptions): FetchLike {
  return async (target, init) => {
    const { id, ...call } = currentCall.getStore() ?? {};
    const first = await tokenSource.getToken(call);
    const answer = await send(first.accessToken);
    const need = challenge(answer, first.accessToken);
    if (!need) return watched(answer);
    await answer.body?.cancel();
    const second = await tokenSource.getToken({ ...call, ...need });
    return watched(await send(second.accessToken));

    function watched(response: Response): Response {
      const isStream = response.headers.get('content-type')?.includes('text/event-stream');
      if (id === undefined || !isStream || !response.body) return response;
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      void response.body
        .pipeTo(writable)
        .catch(() => undefined)
        .finally(() => onStreamEnd?.(id));
      return new Response(readable, response);
    }

    async function send(accessToken: string): Promise<Response> {
      let address = new URL(target);
      for (let hop = 0; ; hop++) {
        if (address.origin !== url.origin) throw redirected(url, address);
        const headers = new Headers(init?.headers);
        for (const [name, value] of Object.entries(own)) headers.set(name, value);
        headers.set('authorization', `Bearer ${accessToken}`);
        const response = await fetch(address, { ...init, headers, redirect: 'manual' });
        const location = response.headers.get('location');
        if (![307, 308].includes(response.status) || !location || hop >= maximumRedirects) {
          if (response.status >= 300 && response.status < 400)
            throw redirected(url, new URL(location ?? '', address));
          return response;
        }
        await response.body?.cancel();
        address = new URL(location, address);
      }
    }
  };
}

/** What would make the server accept the request, where another token would. */
function challenge(
  response: Response,
  accessToken: string,
): Pick<TokenRequest, 'rejected' | 'scopes'> | undefined {
  if (response.status === 401) return { rejected: accessToken };
  const header = response.headers.get('www-authenticate') ?? '';
  if (response.status !== 403 || !/\berror="?insufficient_scope"?/.test(header)) return undefined;
  const scopes = /\bscope="([^"]*)"/.exec(header)?.[1]?.split(' ').filter(Boolean) ?? [];
  return scopes.length > 0 ? { scopes } : undefined;
}

function redirected(from: URL, to: URL): Error {
  return new Error(
    l10n.t(
      '{0} redirects to {1}. A token is never taken to another address: if that one is right, connect to it itself.',
      from.origin,
      to.origin + to.pathname,
    ),
  );
}
