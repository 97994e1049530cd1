import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '../../../../mcp/message.ts';
import { isObject } from '../../../../common/isObject.ts';
import type { Wanted } from './heldCall.ts';
import { json, objectIn } from '../messageParts.ts';
import { rpcCodes } from '../../../../mcp/names.ts';

/** How long (ms) a call that was refused waits for the person to be done before it is tried again. */
const patience = 25_000;
/** How many addresses one refusal may hold. */
const mostAddresses = 16;
/** How many elicitations that are over are remembered. */
const mostRemembered = 256;

/** What a legacy server says of the addresses that a person is to open (MCP specification 2025-11-25, "Elicitation"). */
export function createUrlElicitations() {
  const over = new Set<unknown>();
  const lookers = new Set<() => void>();
  return {
    /** The server says that one is over. */
    complete(elicitationId: unknown): void {
      over.add(elicitationId);
      if (over.size > mostRemembered) over.delete(over.values().next().value);
      for (const look of lookers) look();
    },
    /** Waits until all of them are, but not for ever: a server need not say so. */
    async done(elicitationIds: readonly unknown[]): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const look = () => {
        if (elicitationIds.every(id => over.has(id))) resolve(undefined);
      };
      lookers.add(look);
      look();
      await Promise.race([promise, delay(patience, undefined, { ref: false })]);
      lookers.delete(look);
    },
  };
}

/** What has to be done before a call that was refused for it; undefined where it was not. */
export function requiredElicitations(answer: Message): ReadonlyMap<string, Wanted> | undefined {
  const error = objectIn(answer.content, 'error');
  const { elicitations } = objectIn(error, 'data');
  if (error['code'] !== rpcCodes.urlElicitationRequired || !Array.isArray(elicitations)) return undefined;
  const wanted = elicitations.slice(0, mostAddresses).flatMap((params: unknown, at) => {
    const isUrl = isObject(params) && params['mode'] === 'url' && typeof params['url'] === 'string';
    const request = { method: 'elicitation/create', params: objectIn(params) };
    return isUrl ? [[`elicitation-${String(at + 1)}`, { request, params: json(params) }] as const] : [];
  });
  return wanted.length === 0 ? undefined : new Map(wanted);
}
