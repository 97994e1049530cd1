import type { OutgoingHttpHeaders } from 'node:http';
import { isOmnispindleError } from '../../common/errors.ts';
import type { Log } from '../../common/log.ts';
import type { Token, TokenRequest, TokenSource } from '../../sessions/tokenSource.ts';
import { routeTo } from '../../network/route.ts';
import type { Attendance } from '../lobby/attendance.ts';
import { challenge, type Need } from './challenge.ts';
import type { Consent } from './consent/consent.ts';
import { createCookies } from './cookies.ts';
import { acceptedEncodings, decoded, type Answer } from './decoding.ts';
import { describeExchange } from './exchangeLog.ts';
import { createReachability } from './reachability.ts';
import { redirected } from './redirect.ts';
import { discard, isTaken, OnlyTokenRefusedError, refusal } from './refusal.ts';
import { askByRoute } from './resource/askByRoute.ts';
import { createServerAudience, type AudienceChoice } from './resource/audience.ts';
import { isOfSession } from './sessionGone.ts';

/** Who waits for a token. */
export interface Waiting extends Pick<TokenRequest, 'signal' | 'onProgress' | 'onNotice'> {
  /** Has the client wait for the person, and shows it that. */
  keep?(message: string): void;
  /** Told when there is nothing to wait for any more. */
  stop(): void;
}

/** A request without the token that it will be sent with. */
export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string;
  /** Whether nothing happens twice where the server gets it twice; by default of every method but `POST`. */
  readonly repeatable?: boolean | undefined;
  readonly waiting?: Waiting | undefined;
  /** Nobody waits for this: it renews nothing and asks nobody to sign in. */
  readonly unattended?: boolean | undefined;
  /** The client may ask for it by itself: nobody is asked to sign in for it, unless a call waits. */
  readonly isQuiet?: boolean | undefined;
  /** Whether it belongs to a session that the server may have forgotten. */
  readonly inSession?: boolean | undefined;
  /** Breaks the exchange off. */
  readonly signal?: AbortSignal | undefined;
  /** Told when the request goes out, and again when the server wants another token first. */
  readonly onSent?: ((sent: boolean) => void) | undefined;
}

/** Sends a request with a token. Resolves with the head of the answer; the caller reads its body. */
export type AuthorizedRequest = (address: URL, outgoing: Outgoing) => Promise<Answer>;

/** How requests get to one server. */
export interface Authorized {
  readonly request: AuthorizedRequest;
  /** The tokens they are sent with. */
  readonly tokenSource: TokenSource;
}

/** What every request to one server is sent with. */
export interface AuthorizedRequestOptions {
  /** The server. Tokens and headers go to its origin and nowhere else. */
  readonly url: URL;
  readonly tokenSource: TokenSource;
  /** Which API the tokens are for. */
  readonly audience: AudienceChoice;
  /** The person's headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the person allows this server to want. */
  readonly consent: Consent;
  /** How we name ourselves (RFC 9110 section 10.1.5): firewalls refuse who does not. */
  readonly userAgent: string;
  readonly log: Log;
  /** Who may be asked; everybody who waits, where absent. */
  readonly attendance?: Attendance | undefined;
}

const maximumRedirects = 3;

/**
 * Gives every request a valid token. A 401, and a 403 with `insufficient_scope` (RFC 6750 section 3.1),
 * are answered by one retry with another token, where there is one. By the client of Node.js, because `fetch` takes
 * more time and memory for the same.
 * @throws Error where the server redirects elsewhere: a token never crosses to another origin
 * @throws RemoteError where the server refuses the only token there is, or says that it is not about the token
 * @throws UnreadableError where what the server answers is in no encoding that is known here
 * @throws NotAllowedError
 * @throws OmnispindleError, RemoteError or Error for `explain`, where it is not known which API its tokens are for
 */
export async function createAuthorizedRequest({
  url,
  tokenSource,
  audience: choice,
  headers: personHeaders,
  consent,
  userAgent,
  log,
  attendance,
}: AuthorizedRequestOptions): Promise<Authorized> {
  const route = await routeTo(url, { keepAlive: true });
  const always = { 'user-agent': userAgent, 'accept-encoding': acceptedEncodings };
  const reachability = createReachability(url, tokenSource.report);
  const cookies = createCookies();
  const ask = askByRoute(route, { 'user-agent': userAgent, ...personHeaders });
  const serverAudience = createServerAudience(url, choice, ask);
  // It is asked for while the client starts. Where a person must do something, they read it here and with each call.
  void serverAudience.get().catch((error: unknown) => {
    if (isOmnispindleError(error)) log.warn(error.message);
  });
  let lastToken: string | undefined;

  /** The API that tokens are for. Where it cannot be found out, and nobody is signed in, only the latter is of interest. */
  async function audienceFor({ silent = false }: TokenRequest): Promise<string | undefined> {
    try {
      return await serverAudience.get();
    } catch (error) {
      if (silent && !isOmnispindleError(error)) await tokenSource.getToken({ silent });
      throw error;
    }
  }

  async function getToken(wanted: TokenRequest): Promise<Token> {
    const audience = await audienceFor(wanted);
    const scopes = [...new Set([...serverAudience.scopes(), ...(wanted.scopes ?? [])])];
    const token = await tokenSource.getToken({
      ...wanted,
      ...(audience !== undefined && { audience }),
      ...(scopes.length > 0 && { scopes }),
    });
    consent.runsAs(token.account?.label);
    lastToken = token.accessToken;
    return token;
  }

  async function tokenFor({ waiting, unattended, isQuiet }: Outgoing, need: Need): Promise<string> {
    if (unattended && lastToken !== undefined) return lastToken;
    const nobodyWaits = isQuiet && attendance?.isCalled() === false;
    try {
      const { accessToken } = await getToken({
        ...((unattended || nobodyWaits) && { silent: true }),
        ...(waiting?.signal && { signal: waiting.signal }),
        ...(waiting?.onProgress && { onProgress: waiting.onProgress }),
        ...(waiting?.onNotice && { onNotice: waiting.onNotice }),
        ...need,
      });
      attendance?.got(accessToken);
      return accessToken;
    } catch (error) {
      if (nobodyWaits && !unattended) attendance.lacked(error, need.rejected);
      throw error;
    } finally {
      waiting?.stop();
    }
  }

  async function follow(target: URL, outgoing: Outgoing, token: string): Promise<Answer> {
    let address = target;
    let from = url;
    for (let hop = 0; ; hop++) {
      if (address.origin !== url.origin) throw redirected(from, address);
      const cookie = 'cookie' in personHeaders ? undefined : await cookies.headerFor(address);
      const headers = {
        ...always,
        ...(cookie !== undefined && { cookie }),
        ...outgoing.headers,
        ...personHeaders,
        authorization: `Bearer ${token}`,
      };
      const { method, body, signal, repeatable = method !== 'POST' } = outgoing;
      const response = await route
        .send(address, { method, headers, body, signal, repeatable }, decoded)
        .catch((error: unknown) => {
          if (!signal?.aborted) reachability.lost(error);
          throw error;
        });
      reachability.reached();
      cookies.take(address, response.headers['set-cookie']);
      log.debug(
        describeExchange({ method: outgoing.method, address, sent: headers, personHeaders }, response),
      );
      if (response.unreadable && isTaken(response)) {
        response.destroy();
        throw response.unreadable;
      }
      const status = response.statusCode ?? 0;
      if (status < 300 || status >= 400) return response;
      discard(response);
      const location = URL.parse(response.headers.location ?? '', address.href) ?? address;
      if ((status !== 307 && status !== 308) || hop >= maximumRedirects) throw redirected(address, location);
      from = address;
      address = location;
    }
  }

  /** Which of the scopes the person has not allowed the server. Those of our own tools it has been given already. */
  function refused(scopes: readonly string[]): Promise<readonly string[]> {
    const given = serverAudience.scopes();
    return consent.refused(scopes.filter(scope => !given.includes(scope)));
  }

  /** What would make the server take the request. @throws NotAllowedError */
  async function refusedFor(response: Answer, token: string): Promise<Need | undefined> {
    if (response.statusCode !== 401 && response.statusCode !== 403) return undefined;
    try {
      return await challenge(response, token, { url, consent: { ...consent, refused } });
    } catch (error) {
      discard(response);
      throw error;
    }
  }

  /** A token that the server may take after it refused another one. */
  async function tokenAfter(refused: Answer, token: string, outgoing: Outgoing, need: Need) {
    const error = await refusal(refused);
    if (outgoing.inSession && isOfSession(error)) throw error;
    if (error.status === 401) await serverAudience.refused(error.challenges);
    const another = await tokenFor(outgoing, need);
    if (another === token) throw new OnlyTokenRefusedError(error.status, error.body, refused.headers);
    return another;
  }

  const request: AuthorizedRequest = async (target, outgoing) => {
    const answered = new Set<number | undefined>();
    for (let token = await tokenFor(outgoing, {}); ;) {
      outgoing.waiting?.signal?.throwIfAborted();
      outgoing.onSent?.(true);
      const response = await follow(target, outgoing, token);
      if (outgoing.unattended || answered.has(response.statusCode)) return response;
      const need = await refusedFor(response, token);
      if (!need) {
        attendance?.taken(token);
        return response;
      }
      outgoing.onSent?.(false);
      answered.add(response.statusCode);
      token = await tokenAfter(response, token, outgoing, need);
    }
  };
  return { request, tokenSource: { ...tokenSource, getToken } };
}
