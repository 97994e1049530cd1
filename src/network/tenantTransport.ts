import { Readable } from 'node:stream';
import type { TenantTransport } from '../auth/tenantFetch.ts';
import { routeTo } from './route.ts';

/** Statuses whose answers have no body (Fetch standard, "null body status"). */
const withoutBody = new Set([204, 205, 304]);

/**
 * Takes requests to a tenant there by Node.js's own client: unlike `fetch` it needs no setting of the whole process for
 * proxies and for slow networks.
 * @throws as `fetch` does where the signal is aborted; ProxyError; else what Node.js throws
 */
export const nodeTransport: TenantTransport = async (target, { method = 'GET', headers, body, signal }) => {
  signal?.throwIfAborted();
  const route = await routeTo(target, { keepAlive: false });
  const text =
    body === undefined || body === null ? undefined : (body as string | URLSearchParams).toString();
  const sent = {
    method,
    headers: {
      accept: '*/*',
      // Without it the tenant may choose any.
      'accept-encoding': 'identity',
      ...Object.fromEntries(new Headers(headers)),
      ...(text !== undefined && { 'content-length': Buffer.byteLength(text) }),
    },
    body: text,
    signal,
    repeatable: false,
  };
  try {
    return await route.send(target, sent, response => {
      const { statusCode: status = 0, statusMessage: statusText = '' } = response;
      const answered = new Headers();
      for (const [name, values] of Object.entries(response.headersDistinct)) {
        for (const value of values ?? []) answered.append(name, value);
      }
      const content = withoutBody.has(status) ? null : (Readable.toWeb(response) as ReadableStream);
      if (!content) response.resume();
      return new Response(content, { status, statusText, headers: answered });
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
};
