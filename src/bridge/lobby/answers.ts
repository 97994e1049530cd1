import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import type { RpcError } from '../../mcp/answer.ts';
import { toMessage } from '../../mcp/message.ts';
import { legacyVersions, metaKeys, rpcCodes } from '../../mcp/names.ts';
import { newestVersion } from '../remote/eras/era.ts';
import { discoverResult, initializeResult } from '../remote/translation/handshake.ts';
import { objectIn } from '../remote/translation/messageParts.ts';
import { wrongRequest } from '../remote/translation/modernClient/modernErrors.ts';
import { forLegacyClient, forModernClient } from '../remote/translation/results.ts';
import { isListMethod, lists, type Items, type ListMethod } from './lists.ts';
import type { Known } from './memory.ts';
import { describeSignIn } from './words.ts';

type Values = Readonly<Record<string, unknown>>;

/** What the answers are made from. */
export interface AnswersOptions {
  /** The server, as the person knows it. */
  readonly name: string;
  /** Whether the bridge speaks either era with any server. */
  readonly translates: boolean;
}

/** Who asks, and what is remembered. */
export interface Asked {
  readonly isModern: boolean;
  readonly known: Known | undefined;
}

/** An answer, and what it listed where it is a list. */
export interface Answered {
  readonly answer: JSONRPCMessage;
  readonly listed?: { readonly method: ListMethod; readonly items: Items };
}

/** Lists that the client may fetch later, whatever the server turns out to have. */
const unknownServer: Values = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true },
};

/** Makes the answers that a client gets of us while there is no token for its server. */
export function createAnswers({ name, translates }: AnswersOptions) {
  function capabilitiesOf(said: Values | undefined): Values {
    if (!said) return unknownServer;
    const declared = objectIn(said, 'capabilities');
    // The lists may differ from what is remembered, and the client must hear so.
    const changing = Object.keys(unknownServer).filter(list => declared[list] !== undefined);
    return {
      ...declared,
      ...Object.fromEntries(changing.map(list => [list, { ...objectIn(declared, list), listChanged: true }])),
    };
  }

  function initialized(request: JSONRPCRequest, known: Known | undefined): Values {
    const said = known?.initialized;
    const discovered = discoveredOf(known);
    if (!said && discovered) {
      return { ...initializeResult(request, discovered, name), capabilities: capabilitiesOf(discovered) };
    }
    const wanted: unknown = request.params?.['protocolVersion'];
    const { protocolVersion: answered } = said ?? {};
    return {
      serverInfo: { name, version: '0' },
      ...said,
      protocolVersion: agreed(wanted, answered),
      capabilities: capabilitiesOf(said),
    };
  }

  function discovered(known: Known | undefined): Values | undefined {
    const said = discoveredOf(known);
    // The server has said that it knows no such thing.
    if (!said && known?.discovered && !translates) return undefined;
    const result = said ?? discoverResult({ serverInfo: { name, version: '0' }, ...known?.initialized });
    return {
      ...result,
      resultType: 'complete',
      supportedVersions: [newestVersion],
      capabilities: capabilitiesOf(said ?? known?.initialized),
      ttlMs: 0,
      cacheScope: 'private',
    };
  }

  function listOf(method: ListMethod, known: Known | undefined): Items {
    const items = known?.lists[method] ?? [];
    return method === 'tools/list' && items.length === 0 ? [describeSignIn(name)] : items;
  }

  function list(request: JSONRPCRequest, { isModern, known }: Asked): Answered {
    const { id, params } = request;
    const method = request.method as ListMethod;
    if (params?.['cursor'] !== undefined) {
      const message = l10n.t('The cursor is not of this list. List again from its beginning.');
      return refused(request, { code: rpcCodes.invalidParams, message });
    }
    const items = listOf(method, known);
    return { answer: listAnswer(id, method, items, isModern), listed: { method, items } };
  }

  return {
    /** An empty list. */
    empty(id: RequestId, method: ListMethod, isModern: boolean): JSONRPCMessage {
      return listAnswer(id, method, [], isModern);
    },
    /** Answers what needs no server. */
    answer(request: JSONRPCRequest, asked: Asked): Answered {
      const { method, params } = request;
      const { isModern, known } = asked;
      const done = (result: Values): Answered => ({
        answer: {
          jsonrpc: '2.0',
          id: request.id,
          result: { ...(isModern && { resultType: 'complete' }), ...result },
        },
      });
      if (method === 'server/discover') {
        const result = discovered(known);
        return result
          ? done(result)
          : refused(request, { code: rpcCodes.methodNotFound, message: 'Method not found' });
      }
      const wrong = isModern && wrongRequest(method, objectIn(params, '_meta')[metaKeys.version]);
      if (wrong) return refused(request, wrong);
      if (isListMethod(method)) return list(request, asked);
      if (method === 'initialize') return done(initialized(request, known));
      if (method === 'completion/complete') return done({ completion: { values: [], hasMore: false } });
      return done({});
    },
  };
}

function listAnswer(id: RequestId, method: ListMethod, items: Items, isModern: boolean): JSONRPCMessage {
  const plain = toMessage({ jsonrpc: '2.0', id, result: { [lists[method].member]: items } });
  return (isModern ? forModernClient(plain, method, undefined) : forLegacyClient(plain, method)).content;
}

function refused({ id }: JSONRPCRequest, error: RpcError): Answered {
  return { answer: { jsonrpc: '2.0', id, error } };
}

/** What a server answered `server/discover` with; undefined where that is not known, or it knows no such thing. */
function discoveredOf(known: Known | undefined): Values | undefined {
  const said = known?.discovered;
  return said && Object.keys(said).length > 0 ? said : undefined;
}

/** The revision to agree to: the client's, but none that is newer than what the server had. */
function agreed(wanted: unknown, answered: unknown): string | undefined {
  const [newest] = legacyVersions;
  const known = legacyVersions.find(version => version === wanted) ?? newest;
  const before = legacyVersions.find(version => version === answered) ?? newest;
  return known && before && before < known ? before : known;
}
