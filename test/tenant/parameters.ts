import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** A form that oidc-provider is to read, which a test's tenant reads first. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams(await text(request));
}

/** Lets the next reader of the request find this form in its body. */
export function putForm(request: IncomingMessage, form: URLSearchParams): void {
  putBody(request, form.toString());
}

/** Lets the next reader of the request find that in its body. */
export function putBody(request: IncomingMessage, text: string): void {
  const body = Buffer.from(text);
  request.headers['content-length'] = String(body.length);
  Object.defineProperties(request, {
    readable: { value: true },
    iterator: { value: () => Readable.from([body]) },
  });
}

/** OpenID Connect gives offline access only with consent; Auth0 gives it without asking. */
export function askForOfflineAccess(parameters: URLSearchParams): void {
  if (!parameters.get('scope')?.includes('offline_access') || parameters.get('prompt') === 'none') return;
  parameters.set('prompt', [parameters.get('prompt'), 'consent'].filter(Boolean).join(' '));
}

/** Where both are given, Auth0 reads `audience` alone. */
export function preferAudience(parameters: URLSearchParams): void {
  if (parameters.has('audience')) parameters.delete('resource');
}

/** What Auth0 reads of a request for a device code. */
export function deviceParameters(parameters: URLSearchParams): URLSearchParams {
  return new URLSearchParams(
    [...parameters].filter(([name]) => ['client_id', 'scope', 'audience'].includes(name)),
  );
}
