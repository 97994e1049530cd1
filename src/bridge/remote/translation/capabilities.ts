import * as l10n from '@vscode/l10n';
import type { RpcError } from '../../../mcp/answer.ts';
import { isObject } from '../../../common/isObject.ts';
import { objectIn } from './messageParts.ts';
import { rpcCodes } from '../../../mcp/names.ts';

/** What a server may ask of a client, by either era. */
export interface InputRequest {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const inputMethods = ['sampling/createMessage', 'elicitation/create', 'roots/list'];

/** A request for input (MCP specification 2026-07-28, "Supported Requests"); undefined where the value is not one. */
export function inputRequest(value: unknown): InputRequest | undefined {
  if (!isObject(value) || typeof value['method'] !== 'string') return undefined;
  const { method, params } = value;
  return inputMethods.includes(method) ? { method, params: objectIn(params) } : undefined;
}

/**
 * The capabilities that a client must declare to be asked that, as far as it does not.
 * @returns undefined where it declares them all
 */
export function missingCapability(
  { method, params }: InputRequest,
  declared: Readonly<Record<string, unknown>>,
): object | undefined {
  const { sampling, elicitation, roots } = declared;
  if (method === 'roots/list') return isObject(roots) ? undefined : { roots: {} };
  if (method === 'sampling/createMessage') {
    if (params['tools'] !== undefined || params['toolChoice'] !== undefined) {
      return isObject(objectIn(sampling)['tools']) ? undefined : { sampling: { tools: {} } };
    }
    return isObject(sampling) ? undefined : { sampling: {} };
  }
  if (params['mode'] === 'url') {
    return isObject(objectIn(elicitation)['url']) ? undefined : { elicitation: { url: {} } };
  }
  // Without modes it is the one that came first (MCP specification 2025-11-25, "Elicitation").
  const declares = isObject(elicitation) && ('form' in elicitation || !('url' in elicitation));
  return declares ? undefined : { elicitation: { form: {} } };
}

/** That a server asks for what the client has not declared, by the modern era's code. */
export function missingCapabilityError({ method }: InputRequest, requiredCapabilities: object): RpcError {
  return {
    code: rpcCodes.missingCapability,
    message: l10n.t(
      'The server asks the client for {0}, and the client has not declared that it can do that ({1}). Use a client that can, or turn it on there.',
      method,
      JSON.stringify(requiredCapabilities),
    ),
    data: { requiredCapabilities },
  };
}
