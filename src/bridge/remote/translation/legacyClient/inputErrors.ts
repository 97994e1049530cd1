import * as l10n from '@vscode/l10n';
import { type RpcError } from '../../../../mcp/answer.ts';
import { wordsIn } from '../../../../mcp/words.ts';
import type { InputRequest } from '../capabilities.ts';
import { rpcCodes } from '../../../../mcp/names.ts';

/** Why a call that needs input ends without it. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly error: RpcError;

  constructor(error: RpcError) {
    super(error.message);
    this.error = error;
  }
}

/** That the client has answered with an error. */
export function refused({ method }: InputRequest, error: Readonly<Record<string, unknown>>): InputError {
  const why = wordsIn(error['message']) ?? l10n.t('without a word');
  const code = Number.isInteger(error['code']) ? Number(error['code']) : rpcCodes.implementation;
  return new InputError({
    code,
    message: l10n.t('The server asked the client for {0}, and the client refused: {1}', method, why),
  });
}

/** That the server's answer is not of the kind that it says it is. */
export function nonsense(method: string): InputError {
  return new InputError({
    code: rpcCodes.implementation,
    message: l10n.t(
      'The server wants more input for {0}, but not in a way that a client can answer. Ask whoever runs the server.',
      method,
    ),
  });
}

/** That the server never has enough. */
export function endless(method: string): InputError {
  return new InputError({
    code: rpcCodes.implementation,
    message: l10n.t(
      'The server asked for input again and again, so {0} was given up. Try again, or ask whoever runs the server.',
      method,
    ),
  });
}
