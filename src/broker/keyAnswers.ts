import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LiveToken } from '../sessions/tokenCache.ts';
import type { TokenRequest } from '../sessions/tokenSource.ts';
import type { Log } from '../common/log.ts';
import { allowedAfterAsking, type StartedBy, type Waiting } from './allowed.ts';
import { answerQuestion, maximumWaiting } from './answerQuestion.ts';
import { secretsRequestSchema, tokenRequestSchema } from './protocol.ts';
import { createStepUps } from './stepUps.ts';
import { withScopesOf, type FindTerms, type Holder, type Terms } from './terms.ts';

/** One server's key, with what has come with it. */
export interface Key {
  readonly secret: Buffer;
  readonly findTerms: FindTerms;
  /** Once they are found. */
  terms?: Terms;
  readonly agreedStepUp: ReturnType<typeof createStepUps>;
  /** By which the server hears when to ask again. */
  readonly streams: Set<ServerResponse>;
  readonly waiting: Set<ServerResponse>;
  /** Resolved when the server has ended. */
  readonly ended: PromiseWithResolvers<void>;
}

/** A key that nobody has used. */
export const createKey = (findTerms: FindTerms): Key => ({
  secret: randomBytes(32),
  findTerms,
  agreedStepUp: createStepUps(),
  streams: new Set(),
  waiting: new Set(),
  ended: Promise.withResolvers(),
});

/** What answers who has a key. */
export interface KeyAnswers {
  events(key: Key, response: ServerResponse): void;
  token(key: Key, request: IncomingMessage, response: ServerResponse): Promise<void>;
  secrets(key: Key, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** What answers need of the broker. */
export interface KeyAnswersOptions {
  getToken(holder: Holder, request: TokenRequest): Promise<LiveToken>;
  readonly startedBy: StartedBy;
  readonly onConnection: () => void;
  readonly log: Log;
  /** Whether the key still counts. */
  isValid(key: Key): boolean;
  end(key: Key): void;
}

/** Answers the requests of servers: what each key gets, and when it ends. */
export function createKeyAnswers({
  getToken,
  startedBy,
  onConnection,
  log,
  isValid,
  end,
}: KeyAnswersOptions): KeyAnswers {
  function events(key: Key, response: ServerResponse): void {
    if (key.streams.size >= maximumWaiting) {
      response.writeHead(429).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    key.streams.add(response);
    onConnection();
    response.on('close', () => {
      key.streams.delete(response);
      onConnection();
      if (key.streams.size > 0) return;
      if (startedBy === 'editor') end(key);
      key.ended.resolve();
    });
  }

  async function termsOf(key: Key, waiting: Waiting): Promise<Terms> {
    if (key.terms) return key.terms;
    const found = await key.findTerms(waiting);
    // Another request of the same server may have found them meanwhile.
    key.terms ??= found;
    onConnection();
    return key.terms;
  }

  function token(key: Key, request: IncomingMessage, response: ServerResponse): Promise<void> {
    return answerQuestion(request, response, {
      schema: tokenRequestSchema,
      underWay: key.waiting,
      log,
      async answer({ rejected, audience, allScopes, stepUp, ...asked }, waiting) {
        const terms = await termsOf(key, waiting);
        const scopes = allScopes ? terms.allowed.scopes : asked.scopes;
        const allowed = await allowedAfterAsking(
          terms.allowed,
          { audience, scopes },
          { ...waiting, startedBy },
        );
        key.terms = withScopesOf(allowed, key.terms ?? terms);
        const ofKey = allowed.audience !== undefined && { audience: allowed.audience };
        const { accessToken, expiresAt, lifetime, account } = await getToken(terms, {
          ...waiting,
          ...(rejected !== undefined && { rejected }),
          ...ofKey,
          ...(scopes && { scopes }),
          ...(await key.agreedStepUp(allowed, { stepUp, rejected }, waiting)),
        });
        // A key that died in the meantime gets nothing any more.
        if (!isValid(key)) return undefined;
        return { type: 'token', accessToken, expiresAt, lifetime, ...ofKey, account };
      },
    });
  }

  function secrets(key: Key, request: IncomingMessage, response: ServerResponse): Promise<void> {
    return answerQuestion(request, response, {
      schema: secretsRequestSchema,
      underWay: key.waiting,
      log,
      async answer(_asked, waiting) {
        const { allowed } = await termsOf(key, waiting);
        const held = (await allowed.secrets?.(waiting)) ?? {};
        return isValid(key) ? { type: 'secrets', ...held } : undefined;
      },
    });
  }

  return { events, token, secrets };
}
