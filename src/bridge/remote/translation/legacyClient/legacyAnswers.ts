import type { JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import type { RpcError } from '../../../../mcp/answer.ts';
import type { Message } from '../../../../mcp/message.ts';
import { initializeResult } from '../handshake.ts';
import type { Listening } from './listening.ts';
import { errorAnswer, json, objectIn, resultAnswer } from '../messageParts.ts';
import { rpcCodes, logLevels } from '../../../../mcp/names.ts';
import { newestVersion } from '../../eras/era.ts';

/** What the answers to a client are made from. */
export interface LegacyAnswersOptions {
  toClient(message: Message): void;
  /** The result of `server/discover`. */
  readonly discovered: Readonly<Record<string, unknown>>;
  readonly host: string;
  readonly listening: Listening;
  onInitialize(request: JSONRPCRequest): void;
  /** The client wants to hear what is logged, from that level on. */
  onLogLevel(level: string): void;
}

/** Methods of the legacy era that the modern one has nothing for. */
const gone = /^tasks\//;

/** Answers what a legacy client asks, and the modern era has no request for. */
export function createLegacyAnswers({
  toClient,
  discovered,
  host,
  listening,
  ...told
}: LegacyAnswersOptions) {
  const capabilities = objectIn(discovered, 'capabilities');

  function done(id: RequestId): void {
    toClient(resultAnswer(id, json({})));
  }

  function refuse(id: RequestId, error: RpcError): void {
    toClient(errorAnswer(id, error));
  }

  const answers: Readonly<Record<string, (request: JSONRPCRequest) => void>> = {
    initialize(request) {
      told.onInitialize(request);
      toClient(resultAnswer(request.id, json(initializeResult(request, discovered, host))));
    },
    ping({ id }) {
      done(id);
    },
    'logging/setLevel'({ id, method, params }) {
      const level: unknown = params?.['level'];
      if (!capabilities['logging']) refuse(id, notFound(method));
      else if (typeof level !== 'string' || !logLevels.includes(level)) refuse(id, noLevel());
      else {
        told.onLogLevel(level);
        done(id);
      }
    },
    'resources/subscribe'({ id, method, params }) {
      const uri: unknown = params?.['uri'];
      if (objectIn(capabilities, 'resources')['subscribe'] !== true) refuse(id, notFound(method));
      else if (typeof uri !== 'string') refuse(id, noUri());
      else {
        listening.watch(uri, error => {
          if (error) refuse(id, error);
          else done(id);
        });
      }
    },
    'resources/unsubscribe'({ id, params }) {
      const uri: unknown = params?.['uri'];
      if (typeof uri === 'string') listening.unwatch(uri);
      done(id);
    },
  };

  /** @returns whether the request is answered here */
  return (request: JSONRPCRequest): boolean => {
    const { id, method } = request;
    if (Object.hasOwn(answers, method)) answers[method]?.(request);
    else if (gone.test(method)) refuse(id, notFound(method));
    else return false;
    return true;
  };
}

function noLevel(): RpcError {
  const message = l10n.t('The level must be one of: {0}.', logLevels.join(', '));
  return { code: rpcCodes.invalidParams, message };
}

function noUri(): RpcError {
  return { code: rpcCodes.invalidParams, message: l10n.t('The address (uri) of the resource is missing.') };
}

function notFound(method: string): RpcError {
  return {
    code: rpcCodes.methodNotFound,
    message: l10n.t('{0} is nothing that this server, which speaks MCP {1}, can do.', method, newestVersion),
  };
}
