import type { Ask } from './lookUp.ts';

/**
 * Asks by `fetch`, with those headers: in the editor it goes by the editor's settings for proxies and certificates.
 * @throws as `fetch` does
 */
export function askByFetch(always: Readonly<Record<string, string>>): Ask {
  return async (address, { method, headers, body, signal, limit }) => {
    const response = await fetch(address, {
      method,
      headers: { ...always, ...(headers as Record<string, string>) },
      redirect: 'manual',
      signal,
      ...(body !== undefined && { body }),
    }).catch((error: unknown) => {
      throw reasonOf(error);
    });
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      challenges: response.headers.get('www-authenticate') ?? undefined,
      body: await beginningOf(response, limit),
    };
  };
}

/** `fetch` itself says no more than that it has failed. */
function reasonOf(error: unknown): unknown {
  return error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
}

/** All of a body; undefined where it is longer than that. */
async function beginningOf({ body }: Response, limit: number): Promise<string | undefined> {
  if (!body) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop gives the rest up.
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
