import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../common/log.ts';
import { answerQuestion } from './answerQuestion.ts';
import { networkRequestSchema } from './protocol.ts';

/** The tenant's public keys, as it gave them. */
export interface TenantKeys {
  readonly issuer: string;
  /** The JSON of a key set (RFC 7517 section 5). */
  readonly keys: string;
}

/** What an editor's window does on the network for its servers. */
export interface WindowNetwork {
  /**
   * What the proxy of the editor's settings is to be told of us (RFC 9110, `Proxy-Authorization`).
   * @param proxy its address; for one that the settings do not name now there is nothing
   */
  proxyAuthorization(proxy: string): string | undefined;
  /**
   * Fetches the keys of the tenant, by the ways that the editor knows and a server does not.
   * @throws OmnispindleError where they cannot be had
   */
  fetchKeys(signal?: AbortSignal): Promise<TenantKeys>;
}

/** Answers a server's questions about the network; none needs a person, or an account. */
export type AnswerNetwork = (
  request: IncomingMessage,
  response: ServerResponse,
  underWay: Set<ServerResponse>,
) => Promise<void>;

/** Builds what answers `POST /network`. */
export function createNetworkAnswers(network: WindowNetwork, log: Log): AnswerNetwork {
  return (request, response, underWay) =>
    answerQuestion(request, response, {
      schema: networkRequestSchema,
      underWay,
      log,
      async answer({ wanted, proxy = '' }, { signal }) {
        if (wanted === 'keys') return { type: 'keys', ...(await network.fetchKeys(signal)) };
        const authorization = network.proxyAuthorization(proxy);
        return { type: 'proxy', ...(authorization !== undefined && { authorization }) };
      },
    });
}
