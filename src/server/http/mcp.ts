import { createMcpHandler, isLegacyRequest, type McpServer } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { isObject } from '../../common/isObject.ts';
import type { Log } from '../../common/log.ts';
import type { Authenticate, Caller } from '../authenticate.ts';
import { withMeantArguments } from '../lenientInput.ts';
import { refuse } from './answers.ts';
import { readJson, type BodyLimits } from './body.ts';
import { endingWith } from './concurrency.ts';
import { countByAccount } from './countByAccount.ts';
import type { HttpStep } from './environment.ts';
import { answerLegacyCalls } from './legacyCalls.ts';
import { noteMessage } from './observe/noteMessage.ts';

/** Most streams of news (`subscriptions/listen`) that one account may have open. */
const mostListening = 16;

/** What answers the messages of MCP. */
export interface McpEndpoint {
  readonly answer: HttpStep;
  /** Ends the streams of news, and what is still under way. */
  close(): Promise<void>;
}

/** The parts of the endpoint. */
export interface McpEndpointOptions {
  readonly createServer: (authenticate: Authenticate) => McpServer;
  /** The names that a call is told by. */
  readonly toolNames: ReadonlySet<string>;
  readonly metadataUrl: string;
  readonly log: Log;
  readonly limits: BodyLimits;
  /** Whether these servers send nothing but answers, so that each is one piece of JSON in every era. */
  readonly sendsOnlyAnswers?: boolean;
}

/**
 * Answers MCP over HTTP in both eras, without a session, so that any number of servers may stand beside each other: POST
 * alone, since there is no stream to resume and no session to end (405; MCP specification 2025-11-25, "Session
 * Management", 2026-07-28, "Streamable HTTP").
 */
export function createMcpEndpoint({
  createServer,
  toolNames,
  metadataUrl,
  log,
  limits,
  sendsOnlyAnswers = false,
}: McpEndpointOptions): McpEndpoint {
  const handler = createMcpHandler(() => createServer(callerOf), {
    onerror(error) {
      log.debug(`http: ${error.message}`);
    },
  });
  const answerLegacyCall = sendsOnlyAnswers && answerLegacyCalls(() => createServer(callerOf), log);
  const listen = countByAccount(mostListening);

  return {
    async answer(context) {
      const { raw: request } = context.req;
      if (request.method !== 'POST') {
        return refuse(405, 'Send messages by POST: there are no sessions and no streams to resume.', {
          headers: { allow: 'POST' },
        });
      }
      const body = await readJson(request, limits);
      if ('refused' in body) return body.refused;
      const parsedBody = withMeantArguments(body.sent);
      noteMessage(parsedBody, toolNames);
      if (Array.isArray(parsedBody)) {
        const refused = await context.get('countMore')?.(parsedBody.length - 1);
        if (refused) return refused;
      }
      const caller = context.get('caller');
      const sent = {
        parsedBody,
        authInfo: {
          // What answers must not be able to pass it on.
          token: '',
          clientId: '',
          scopes: [...caller.scopes],
          resourceMetadataUrl: metadataUrl,
          extra: { caller },
        },
      };
      if (answerLegacyCall && (await isLegacyRequest(request, parsedBody))) {
        return answerLegacyCall(request, sent);
      }
      const answer = () => handler.fetch(request, sent);
      if (!isListening(parsedBody)) return answer();
      const end = listen(caller);
      if (!end) {
        return refuse(
          429,
          l10n.t('{0} streams of yours are open. Close one of them.', String(mostListening)),
          {
            headers: { 'retry-after': '5' },
          },
        );
      }
      context.set('isListening', true);
      const response = await answer();
      if (!response.body) end();
      return response.body ? new Response(endingWith(response.body, end), response) : response;
    },
    close: () => handler.close(),
  };
}

function isListening(message: unknown): boolean {
  return isObject(message) && message['method'] === 'subscriptions/listen';
}

/** Whose request it is was found before the SDK got it. */
const callerOf: Authenticate = async ({ http }) => ({ caller: http?.authInfo?.extra?.['caller'] as Caller });
