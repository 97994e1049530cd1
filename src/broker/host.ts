import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import type { Allowed, StartedBy } from './allowed.ts';
import { isPost } from './answerQuestion.ts';
import { bearerOf, isSameSecret } from './bearer.ts';
import { createDoor, type BrokerDoor, type Join } from './door.ts';
import type { LiveToken } from '../sessions/tokenCache.ts';
import type { TokenRequest } from '../sessions/tokenSource.ts';
import { createKey, createKeyAnswers, type Key } from './keyAnswers.ts';
import { createReports } from './reports.ts';
import { addressVariable, keyVariable } from './variables.ts';
import { createBrokerSocket, type ArrivalLimits, type BrokerSocket } from './socket.ts';
import { createNetworkAnswers, type WindowNetwork } from './windowNetwork.ts';
import type { FindTerms, Holder, OnReport } from './terms.ts';

/** What the broker asks for tokens, and where it reports. */
export interface BrokerHostOptions {
  /** A valid token of the holder’s account, signing in where needed and the request is not silent. */
  getToken(holder: Holder, request: TokenRequest): Promise<LiveToken>;
  readonly log: Log;
  /**
   * Who starts the servers, the editor where absent. An editor does not see its servers end, so there a key ends with
   * the last connection of its server. `run` does, and its server may start helpers that come and go with the same
   * key: there it ends when revoked.
   */
  readonly startedBy?: StartedBy;
  /** Where absent, servers that were started by nobody here get no key. */
  readonly join?: Join;
  /** Hears that a server has connected, that it is known which one it is, or that it is gone. */
  readonly onConnection?: () => void;
  readonly onReport?: OnReport;
  /** Where absent, servers are on their own on the network. */
  readonly network?: WindowNetwork;
  /** How long a request may take to arrive; a person is not waited for in that time. */
  readonly arrivalLimits?: ArrivalLimits;
}

/** One server's right to ask for one account's tokens. */
export interface BrokerGrant {
  /** What the server finds in its environment. */
  readonly env: Record<string, string>;
  /** Ends the right at once. Resolves when the server itself has ended, where it ever asked for a token. */
  revoke(): Promise<void>;
  /** Whether a process of the server is connected: it asks again whenever it needs a token, and hears when to. */
  isConnected(): boolean;
}

/** The broker's end of whoever starts servers: it gives keys to servers, and tokens to who has a key. */
export interface BrokerHost {
  /**
   * Makes a key for one server. It dies with the server's connection, if an editor started it, or when revoked.
   * @throws OmnispindleError `cancelled` after the broker was disposed of
   */
  grant(account: string, allowed?: Allowed): Promise<BrokerGrant>;
  /** Makes one whose account, and what it may have, are found at its server's first request. @throws as {@link grant} */
  grantLate(findTerms: FindTerms): Promise<BrokerGrant>;
  /**
   * Lets servers in that were started by nobody here. The address changes where the one before is not reachable any more.
   * @throws OmnispindleError `cancelled` after the broker was disposed of
   */
  openDoor(): Promise<BrokerDoor>;
  /** The names of the servers that are connected, where they are known. */
  connected(): string[];
  /** Makes every server ask again before its next call: after a sign-in, a sign-out or a change of account. */
  invalidate(): void;
  dispose(): Promise<void>;
}

/** Hands tokens to the servers this window, or `run`, started, over a socket of its own. Listens from the first grant on. */
export function createBrokerHost({
  getToken,
  join,
  onConnection = () => undefined,
  onReport = () => undefined,
  network,
  log,
  startedBy = 'editor',
  arrivalLimits,
}: BrokerHostOptions): BrokerHost {
  const keys = new Set<Key>();
  const doorSecret = randomBytes(32);
  const answerNetwork = network && createNetworkAnswers(network, log);
  const answerReport = createReports(onReport, log);
  const answers = createKeyAnswers({
    getToken,
    startedBy,
    onConnection,
    log,
    isValid: key => keys.has(key),
    end,
  });
  const answerAtDoor = join && createDoor(join, answerNetwork, log);
  let opening: Promise<BrokerSocket> | undefined;
  let opened: BrokerSocket | undefined;
  let disposed = false;

  function socket(): Promise<BrokerSocket> {
    if (opened && !opened.isReachable()) {
      opened.close();
      opened = opening = undefined;
    }
    return (opening ??= createBrokerSocket(
      (request, response) => void answer(request, response),
      arrivalLimits,
    ).then(
      now => (opened = now),
      (error: unknown) => {
        opening = undefined;
        throw error;
      },
    ));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = bearerOf(request);
    const [key] = [...keys].filter(({ secret }) => isSameSecret(given, secret));
    if (!key && !(isSameSecret(given, doorSecret) && answerAtDoor)) {
      request.destroy();
      return;
    }
    response.setHeader('connection', 'close');
    if (!key) {
      await answerAtDoor?.(request, response);
    } else if (request.method === 'GET' && request.url === '/events') {
      answers.events(key, response);
    } else if (isPost(request, '/token')) {
      await answers.token(key, request, response);
    } else if (isPost(request, '/secrets')) {
      await answers.secrets(key, request, response);
    } else if (isPost(request, '/report')) {
      await answerReport(key, request, response);
    } else if (answerNetwork && isPost(request, '/network')) {
      await answerNetwork(request, response, key.waiting);
    } else {
      response.writeHead(404).end();
    }
  }

  function end(key: Key): void {
    keys.delete(key);
    for (const response of key.waiting) response.destroy();
  }

  function invalidate({ streams }: Key): void {
    for (const stream of streams) stream.write('{}\n');
  }

  async function reachable(): Promise<BrokerSocket> {
    if (disposed) throw new OmnispindleError('cancelled', l10n.t('This editor window is closing.'));
    return socket();
  }

  async function grantLate(findTerms: FindTerms): Promise<BrokerGrant> {
    const { address } = await reachable();
    const key = createKey(findTerms);
    keys.add(key);
    return {
      env: { [addressVariable]: address, [keyVariable]: key.secret.toString('base64url') },
      async revoke() {
        end(key);
        if (key.streams.size === 0) return;
        invalidate(key);
        await key.ended.promise;
      },
      isConnected: () => key.streams.size > 0,
    };
  }

  return {
    grant: (account, allowed = {}) => grantLate(() => Promise.resolve({ account, allowed })),
    grantLate,
    async openDoor() {
      const { address } = await reachable();
      return { address, secret: doorSecret.toString('base64url') };
    },
    connected: () => [...keys].flatMap(({ streams, terms }) => (streams.size > 0 && terms?.server) || []),
    invalidate() {
      for (const key of keys) invalidate(key);
    },
    async dispose() {
      disposed = true;
      keys.clear();
      const last = await opening?.catch(() => undefined);
      last?.close();
      last?.remove();
    },
  };
}
