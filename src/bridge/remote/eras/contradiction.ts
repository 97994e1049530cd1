import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { isObject } from '../../../common/isObject.ts';
import { RemoteError } from '../refusal.ts';
import type { Call } from '../call.ts';
import { saysSessionIsGone } from '../sessionGone.ts';
import { codeOf, jsonIn } from '../../../mcp/words.ts';
import { isModernVersion, type Era } from './era.ts';
import { rpcCodes } from '../../../mcp/names.ts';

/** Codes that only the specification of 2026-07-28 gives ("Error Codes"). */
const modernCodes = new Set<unknown>([
  rpcCodes.headerMismatch,
  rpcCodes.missingCapability,
  rpcCodes.unsupportedVersion,
]);
/** Codes of JSON-RPC's own by which a modern server refuses a request that it has understood. */
const understood = new Set<unknown>([
  rpcCodes.methodNotFound,
  rpcCodes.invalidParams,
  rpcCodes.internalError,
]);
/** Refusals that say nothing of the era: about access, by a proxy, a limit, or a server that is away. */
const elsewhere = new Set([401, 402, 403, 407, 408, 421, 425, 429, 451]);

/** That a server began no session again. */
export class NoNewSessionError extends Error {
  override readonly name = 'NoNewSessionError';
}

/** Whether a status may be about what was asked, and so about the era. */
export function isAboutRequest({ status }: RemoteError): boolean {
  return status >= 400 && (status < 500 || status === 501) && !elsewhere.has(status);
}

/** Whether an error by JSON-RPC is one that only modern servers have. */
export function isModernError(value: unknown): boolean {
  const code = codeOf(value);
  if (!modernCodes.has(code)) return false;
  const supported = supportedBy(value);
  // A server of both eras may have no other revision left that we know.
  return code !== rpcCodes.unsupportedVersion || !supported || supported.some(isModernVersion);
}

/** The revisions that an error names as those it would take. */
export function supportedBy(value: unknown): readonly unknown[] | undefined {
  const error = isObject(value) ? value['error'] : undefined;
  const data = isObject(error) ? error['data'] : undefined;
  const supported = isObject(data) ? data['supported'] : undefined;
  return Array.isArray(supported) ? (supported as unknown[]) : undefined;
}

/** Whether a refusal shows that the server is modern. */
export function isModernRefusal(error: unknown): error is RemoteError {
  return error instanceof RemoteError && isAboutRequest(error) && jsonIn(error.body).some(isModernError);
}

/**
 * Whether what became of a request may mean that its server is of the other era. Only a question can tell.
 * @param refused the error that it was refused with, or the answer
 */
export function mayBeOtherEra(
  era: Era,
  { id, method }: Pick<Call, 'id' | 'method'>,
  refused: unknown,
): boolean {
  const isRefusal = refused instanceof Error;
  const said = refused instanceof RemoteError ? jsonIn(refused.body) : [refused];
  if (refused instanceof RemoteError && !isAboutRequest(refused)) return false;
  if (era === 'legacy') {
    if (method === 'initialize') {
      return refused instanceof RemoteError || (!isRefusal && (isError(refused) || agreesToModern(refused)));
    }
    if (refused instanceof NoNewSessionError) return true;
    // It answers the `initialize` of another session.
    const isStray = (value: unknown) =>
      isObject(value) && value['id'] !== id && codeOf(value) === rpcCodes.methodNotFound;
    return said.some(value => isModernError(value) || (isRefusal && isStray(value)));
  }
  if (said.some(isModernError)) return false;
  if (method === 'server/discover') return refused instanceof RemoteError || (!isRefusal && isError(refused));
  if (!isRefusal) return saysSessionIsGone(refused as JSONRPCMessage);
  const isAnswer = (value: unknown) => isObject(value) && value['id'] === id && understood.has(codeOf(value));
  return refused instanceof RemoteError && !said.some(isAnswer);
}

/** Some modern servers answer `initialize`, with a revision that has no such thing. */
function agreesToModern(answer: unknown): boolean {
  const result = isObject(answer) ? answer['result'] : undefined;
  return isObject(result) && isModernVersion(result['protocolVersion']);
}

function isError(value: unknown): boolean {
  return isObject(value) && isObject(value['error']);
}
