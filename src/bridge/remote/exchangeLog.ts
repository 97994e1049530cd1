import type { OutgoingHttpHeaders } from 'node:http';
import type { Answer } from './decoding.ts';

/** Headers whose values nobody has to keep to themselves; of all others only the name is said. */
const shownHeaders = new Set([
  'accept',
  'accept-encoding',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'retry-after',
  'server',
  'transfer-encoding',
  'user-agent',
  'vary',
  'via',
  'www-authenticate',
]);
/** How many headers, and how much (characters) of one, a line has. */
const mostHeaders = 40;
const longestValue = 200;

/** One exchange as `--debug` shows it: without tokens, cookies, keys, the person's headers and queries. */
export function describeExchange(
  {
    method,
    address,
    sent,
    personHeaders,
  }: {
    readonly method: string;
    readonly address: URL;
    readonly sent: OutgoingHttpHeaders;
    /** The person's headers: any of them may be a secret. */
    readonly personHeaders: Readonly<Record<string, string>>;
  },
  { statusCode, headers }: Answer,
): string {
  const isSecret = (name: string) => name in personHeaders;
  return `${method} ${address.pathname}${address.search ? '?…' : ''} (${listed(sent, isSecret)}) was answered with ${String(statusCode)} (${listed(headers, isSecret)}).`;
}

function listed(headers: OutgoingHttpHeaders, isSecret: (name: string) => boolean): string {
  const all = Object.entries(headers).slice(0, mostHeaders);
  const isShown = (name: string) => shownHeaders.has(name) && !isSecret(name);
  const shown = all.filter(([name]) => isShown(name));
  const hidden = all.filter(([name]) => !isShown(name));
  return [
    ...shown.map(([name, value]) => `${name}: ${String(value).slice(0, longestValue)}`),
    // Without a colon: what follows the name of a secret and a colon is masked to the end of its line.
    ...(hidden.length > 0
      ? [`values not shown of ${hidden.map(([name]) => name.slice(0, longestValue)).join(', ')}`]
      : []),
  ].join('; ');
}
