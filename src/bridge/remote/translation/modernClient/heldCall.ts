import { createHash } from 'node:crypto';
import type { JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import { isObject } from '../../../../common/isObject.ts';
import type { Message } from '../../../../mcp/message.ts';
import type { InputRequest } from '../capabilities.ts';
import { json, jsonId, jsonObject, messageOf, objectIn, withMembers, type Json } from '../messageParts.ts';
import { metaKeys } from '../../../../mcp/names.ts';

/** One request of the client for a call; while the client gathers input there is none. */
export interface Leg {
  readonly id: RequestId;
  readonly progressToken: unknown;
}

/** What the server wants to know. */
export interface Wanted {
  readonly request: InputRequest;
  /** Its parameters, as they came. */
  readonly params: Json | undefined;
  /** The server's id of it; undefined where the server has refused the call until that is done. */
  readonly id?: RequestId;
}

/** A call of a modern client that a legacy server has. */
export interface HeldCall {
  /** The server's id of it. */
  readonly id: RequestId;
  readonly method: string;
  /** What the client must ask again in the same words. */
  readonly digest: string;
  readonly serverToken: unknown;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly logLevel: unknown;
  readonly wanted: Map<string, Wanted>;
  leg: Leg | undefined;
  /** What the server has answered while there was no leg. */
  answer?: Message;
}

/** Methods whose answer may ask for input (MCP specification 2026-07-28, "Supported Requests"). */
const mayAsk = ['tools/call', 'prompts/get', 'resources/read'];

/** Whether input may be asked for on behalf of that call. */
export function canAsk({ method }: Pick<HeldCall, 'method'>): boolean {
  return mayAsk.includes(method);
}

/** A call as it begins. */
export function createHeldCall({ id, method, params }: JSONRPCRequest): HeldCall {
  const meta = objectIn(params, '_meta');
  return {
    id,
    method,
    digest: digestOf(params),
    serverToken: meta['progressToken'],
    capabilities: objectIn(meta, metaKeys.clientCapabilities),
    logLevel: meta[metaKeys.logLevel],
    wanted: new Map(),
    leg: { id, progressToken: meta['progressToken'] },
  };
}

/** What a call is about, without what differs from one request for it to the next. */
export function digestOf(params: unknown): string {
  const { _meta, inputResponses, requestState, ...rest } = objectIn(params);
  return createHash('sha256').update(JSON.stringify(rest)).digest('base64');
}

/** A request, or a notification, as a legacy server takes it. */
export function withoutEra(message: Message): Message {
  const { params } = message.content as JSONRPCRequest;
  if (!isObject(params?._meta)) return message;
  const { version, clientInfo, clientCapabilities, logLevel } = metaKeys;
  const without = [version, clientInfo, clientCapabilities, logLevel].map(name => [name, undefined] as const);
  const plain = withMembers(message, ['params', '_meta'], Object.fromEntries(without));
  const isRetry = 'inputResponses' in params || 'requestState' in params;
  return isRetry
    ? withMembers(plain, ['params'], { inputResponses: undefined, requestState: undefined })
    : plain;
}

/** The answer that asks the client for input. */
export function inputRequired(
  leg: Leg,
  wanted: ReadonlyMap<string, Wanted>,
  requestState: string,
  serverInfo: Json | undefined,
): Message {
  const requests = [...wanted].map(([key, { request, params }]) => {
    const content = { method: json(request.method), params: params && withoutElicitationId(params) };
    return [key, jsonObject(content)] as const;
  });
  return messageOf({
    id: jsonId(leg.id),
    result: jsonObject({
      resultType: json('input_required'),
      inputRequests: jsonObject(Object.fromEntries(requests)),
      requestState: json(requestState),
      ...(serverInfo && { _meta: jsonObject({ [metaKeys.serverInfo]: serverInfo }) }),
    }),
  });
}

/** The modern era has no id of an elicitation: a client learns how it ended by the answer to its retry. */
function withoutElicitationId(params: Json): Json {
  if (objectIn(params.value)['elicitationId'] === undefined) return params;
  const given = { text: params.text, content: params.value as Message['content'] };
  const { text, content } = withMembers(given, [], { elicitationId: undefined });
  return { text, value: content };
}
