import type {
  JSONRPCErrorResponse,
  JSONRPCMessage,
  JSONRPCResponse,
  RequestId,
} from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { isObject } from '../common/isObject.ts';
import { wordsIn } from './words.ts';
import { rpcCodes } from './names.ts';

/** An error object (JSON-RPC 2.0, section 5.1). */
export type RpcError = JSONRPCErrorResponse['error'];

/**
 * What a client can read as the answer to that request, whatever the server made of it: the same where it is one
 * already (JSON-RPC 2.0, section 5), put right where it is clear what is meant, else an error that says so.
 */
export function wellFormed(answer: JSONRPCMessage, id: RequestId, url: Pick<URL, 'origin'>): JSONRPCResponse {
  const { jsonrpc, result, error } = answer as {
    readonly jsonrpc: unknown;
    readonly result?: unknown;
    readonly error?: unknown;
  };
  if (error) {
    if (isRpcError(error) && jsonrpc === '2.0' && !('result' in answer) && !('method' in answer)) {
      return answer;
    }
    return {
      jsonrpc: '2.0',
      id,
      error: errorOf(error) ?? { code: rpcCodes.implementation, message: noAnswer(url) },
    };
  }
  if (!isObject(result)) {
    return { jsonrpc: '2.0', id, error: { code: rpcCodes.implementation, message: noAnswer(url) } };
  }
  if (jsonrpc === '2.0' && !('error' in answer) && !('method' in answer)) return answer;
  return { jsonrpc: '2.0', id, result };
}

/**
 * What the answer to `initialize` agrees to; undefined where it is an error. The version of the protocol is left out where
 * no header could carry it (MCP specification, "Protocol Version Header").
 */
export function agreement(answer: JSONRPCMessage): { readonly version?: string } | undefined {
  const { result } = answer as { readonly result?: unknown };
  if (!isObject(result)) return undefined;
  const { protocolVersion: version } = result;
  return typeof version === 'string' && /^[\x21-\x7e]{1,64}$/.test(version) ? { version } : {};
}

/** Whether a value is an error by JSON-RPC 2.0, section 5.1. */
export function isRpcError(error: unknown): error is RpcError {
  return isObject(error) && Number.isInteger(error['code']) && typeof error['message'] === 'string';
}

/** The error that a server means; undefined where it says nothing. */
function errorOf(error: unknown): RpcError | undefined {
  if (isRpcError(error)) return error;
  const message = wordsIn(error);
  if (message === undefined) return undefined;
  const code =
    isObject(error) && Number.isInteger(error['code']) ? Number(error['code']) : rpcCodes.implementation;
  return { code, message };
}

/** That what a server answered cannot be passed on. */
export function noAnswer({ origin }: Pick<URL, 'origin'>): string {
  return l10n.t(
    '{0} answered, but not as an MCP server does, so the answer cannot be passed on. Ask whoever runs the server.',
    origin,
  );
}
