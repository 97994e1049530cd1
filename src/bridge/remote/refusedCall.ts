import type { RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { isRpcError, type RpcError } from '../../mcp/answer.ts';
import { explain } from './explain.ts';
import { isObject } from '../../common/isObject.ts';
import { RemoteError } from './refusal.ts';
import { jsonIn, wordsIn, wordsOfBody } from '../../mcp/words.ts';
import { bearerChallenges } from './wwwAuthenticate.ts';
import { rpcCodes } from '../../mcp/names.ts';

/**
 * Why the server did not take a call, for the client: what happened and what to do, with the server's own words. An
 * error by JSON-RPC that answers this very call goes through as it is; of another one the code and the data stay.
 */
export function refusedCall(error: unknown, id: RequestId, url: URL): RpcError {
  if (!(error instanceof RemoteError)) return { code: rpcCodes.implementation, message: explain(error, url) };
  const rpcError = rpcErrorIn(error);
  const isAnswer = rpcError?.id === id && error.status < 500 && ![401, 403, 429].includes(error.status);
  if (rpcError && isAnswer) return rpcError.error;
  const words = (rpcError && wordsIn(rpcError.error.message)) ?? wordsOf(error);
  const why = explain(error, url);
  return {
    ...rpcError?.error,
    code: rpcError?.error.code ?? rpcCodes.implementation,
    message: words === undefined ? why : l10n.t('{0} The server says: {1}', why, words),
  };
}

/** What a server says with a refusal: in the body, or in its challenge (RFC 6750 section 3). */
function wordsOf({ body, challenges }: RemoteError): string | undefined {
  const described = bearerChallenges(challenges).flatMap(
    ({ parameters }) => parameters.get('error_description') ?? [],
  );
  return wordsOfBody(body) ?? wordsIn(described[0]);
}

function rpcErrorIn({ body }: RemoteError): { readonly id: unknown; readonly error: RpcError } | undefined {
  for (const content of jsonIn(body)) {
    if (isObject(content) && isRpcError(content['error'])) {
      return { id: content['id'], error: content['error'] };
    }
  }
  return undefined;
}
