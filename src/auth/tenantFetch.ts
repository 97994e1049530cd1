import * as l10n from '@vscode/l10n';
import { placeOf } from './address.ts';
import { AuthError } from './authError.ts';
import { issuerOf, type Tenant } from './tenant.ts';
import { noteRefusal } from './tenantWords.ts';
import { settingName } from '../common/settingName.ts';

/** Largest answer (bytes) of the tenant that is read; the longest one in use is a page of some 100 kB. */
const largestAnswer = 1024 * 1024;

/** `fetch`, as far as openid-client, jose and we ourselves use it. */
export type TenantFetch = (
  address: string,
  options?: {
    readonly method?: string;
    readonly headers?: RequestInit['headers'];
    /** As `fetch` takes it. */
    readonly body?: unknown;
    readonly signal?: AbortSignal;
  },
) => Promise<Response>;

/** What takes a request to a tenant there: `fetch`, or what does its work. */
export type TenantTransport = (target: URL, options: TenantRequest) => Promise<Response>;
/** The method, headers and body of one request to a tenant. */
type TenantRequest = NonNullable<Parameters<TenantFetch>[1]>;

/** In the editor this goes by its settings for proxies and certificates. */
let transport: TenantTransport = (target, options) =>
  fetch(target, { ...options, redirect: 'manual' } as RequestInit);

/** Has all requests to tenants taken there another way, which follows no redirect. */
export function useTenantTransport(other: TenantTransport): void {
  transport = other;
}

/**
 * The only way in which anything is sent to a tenant: to the issuer's own origin, following no redirect, and
 * with an answer of limited size. Whoever wrote the address, a code, verifier or token goes nowhere else.
 * @throws AuthError `invalid_response`; else what `fetch` throws
 */
export function tenantFetch(tenant: Tenant): TenantFetch {
  const { origin } = new URL(issuerOf(tenant));
  return async (address, options) => {
    const target = URL.parse(address);
    if (target?.origin !== origin || target.username || target.password) {
      throw new AuthError(
        'invalid_response',
        l10n.t(
          'Nothing was sent to {0}, because it is not at {1}. Check {2}.',
          placeOf(address),
          origin,
          settingName('domain'),
        ),
      );
    }
    const sent = new Headers(options?.headers);
    // Requests are rare, and what is redeemed once must not be sent on a connection that is found closed.
    sent.set('connection', 'close');
    const response = await transport(target, { ...options, headers: sent });
    const { status, statusText } = response;
    const headers = new Headers(response.headers);
    // Where there is a challenge, openid-client does not read what the answer says.
    headers.delete('www-authenticate');
    const body = await readAll(response, tenant).catch((error: unknown) => {
      options?.signal?.throwIfAborted();
      throw error;
    });
    const answer = new Response(body, { status, statusText, headers });
    noteRefusal(answer, body?.toString() ?? '');
    return answer;
  };
}

async function readAll({ body }: Response, tenant: Tenant): Promise<Buffer<ArrayBuffer> | null> {
  if (!body) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > largestAnswer) {
      throw new AuthError(
        'invalid_response',
        l10n.t(
          '{0} answered with more than {1} kB. Check {2}, and whether a proxy stands in between.',
          tenant.domain,
          String(largestAnswer / 1024),
          settingName('domain'),
        ),
      );
    }
    chunks.push(chunk);
  }
  return chunks.length > 0 ? Buffer.concat(chunks) : null;
}
