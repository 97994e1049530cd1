import { isObject } from '../common/isObject.ts';
import { metaKeys } from './names.ts';

/** Longest line (bytes) that is looked into, and longest name (UTF-16 units) that is kept. */
const longestLine = 256 * 1024;
const longestName = 200;

/** What the client at the other end of stdin calls itself: this process has one. */
let known: string | undefined;

/** What the client calls itself, once it has said so: in its handshake, or with each request (MCP, "clientInfo"). */
export function clientName(): string | undefined {
  return known;
}

/** Hears a line of the client. Its first name counts. */
export function hearClientName(line: Buffer | string): void {
  if (known !== undefined || line.length > longestLine || !line.includes('clientInfo"')) return;
  try {
    const said: unknown = JSON.parse(line.toString());
    for (const message of Array.isArray(said) ? (said as unknown[]) : [said]) known ??= nameIn(message);
  } catch {
    // Whoever passes it on says what is wrong with it.
  }
}

/** The name in one message, not yet checked by anybody. */
function nameIn(message: unknown): string | undefined {
  if (!isObject(message) || !isObject(message['params'])) return undefined;
  const { clientInfo, _meta } = message['params'];
  const info = isObject(_meta) ? (_meta[metaKeys.clientInfo] ?? clientInfo) : clientInfo;
  const name = isObject(info) ? info['name'] : undefined;
  return typeof name === 'string' && name.trim() !== '' ? name.slice(0, longestName) : undefined;
}
