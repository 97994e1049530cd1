import * as l10n from '@vscode/l10n';
import { type RpcError } from '../../../../mcp/answer.ts';
import type { InputRequest } from '../capabilities.ts';
import { rpcCodes } from '../../../../mcp/names.ts';
import { newestVersion } from '../../eras/era.ts';

/** Why a legacy server's request is not passed on to a modern client. */
export function refusal(method: string, request: InputRequest | undefined): RpcError {
  if (!request) {
    return {
      code: rpcCodes.methodNotFound,
      message: l10n.t('The client speaks MCP {0}, which has nothing for {1}.', newestVersion, method),
    };
  }
  return {
    code: rpcCodes.implementation,
    message: l10n.t(
      'The client speaks MCP {0}, where {1} can only be asked while the server has a tools/call, prompts/get or resources/read of the client.',
      newestVersion,
      method,
    ),
  };
}

/** That nobody has come back with what the server wanted to know. */
export function notBack(): RpcError {
  return { code: rpcCodes.implementation, message: l10n.t('The client has not come back with an answer.') };
}

/** That a client brings a `requestState` that is not valid, is of another call, or was brought before. */
export function unknownState(method: string): RpcError {
  return {
    code: rpcCodes.invalidParams,
    message: l10n.t(
      'The requestState is not one of this {0}, has been used, or is older than 10 minutes. Make the call again without it.',
      method,
    ),
  };
}

/** That the person has not opened what had to be opened first. */
export function declined(method: string): RpcError {
  return {
    code: rpcCodes.implementation,
    message: l10n.t(
      'The server wants an address to be opened before {0}, and that was declined, so nothing was done.',
      method,
    ),
  };
}

/** That an answer which nobody waited for was too large to be kept. */
export function tooMuch(): RpcError {
  return {
    code: rpcCodes.implementation,
    message: l10n.t(
      'The answer came before the client came back for it, and was too large to be kept. Try again.',
    ),
  };
}

/** Methods of the legacy era that the modern one has no more. */
const gone =
  /^(?:initialize|ping|logging\/setLevel|resources\/(?:un)?subscribe|tasks\/.*|sampling\/.*|roots\/.*|elicitation\/.*)$/;

/**
 * What is wrong with a request of a modern client, whatever the server thinks of it.
 * @param version what it says in its `_meta`
 */
export function wrongRequest(method: string, version: unknown): RpcError | undefined {
  if (gone.test(method)) {
    return {
      code: rpcCodes.methodNotFound,
      message: l10n.t('MCP {0} has nothing for {1}.', newestVersion, method),
    };
  }
  if (version === newestVersion) return undefined;
  if (typeof version === 'string') {
    return {
      code: rpcCodes.unsupportedVersion,
      message: 'Unsupported protocol version',
      data: { supported: [newestVersion], requested: version },
    };
  }
  return {
    code: rpcCodes.invalidParams,
    message: l10n.t(
      'The _meta of the request must say the revision of MCP (io.modelcontextprotocol/protocolVersion).',
    ),
  };
}
