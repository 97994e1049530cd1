import { createHash } from 'node:crypto';
import { isIP } from 'node:net';

/** How many different addresses are counted apart: as many as an attacker has would fill the memory. */
const groups = 65_536;

/**
 * The address that a request came from. Only what a proxy of the operator's has written is believed: each appends the
 * address of who spoke to it to `X-Forwarded-For`, so the last ones are theirs.
 * @param peer the address of the connection
 * @param forwardedFor all values of `X-Forwarded-For`
 * @param proxies how many proxies of the operator's a request passes
 * @returns the last address that can be believed
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | null,
  proxies: number,
): string {
  const hops = (forwardedFor ?? '')
    .slice(-4_096)
    .split(',')
    .map(hop => addressIn(hop));
  // A request that did not pass all of them has fewer; anything but an address counts for nobody.
  const believed = proxies > 0 ? hops.slice(-proxies) : [];
  let address = (peer && addressIn(peer)) ?? '';
  for (const hop of believed.reverse()) {
    if (hop === undefined) break;
    address = hop;
  }
  return address;
}

/**
 * Which limit an address counts for: an IPv6 network (/64) is one household, or one machine. Very many addresses share
 * a limited number of groups.
 */
export function addressGroup(address: string): string {
  const network = isIP(address) === 6 ? networkOf(address) : address;
  const hash = createHash('sha256').update(network).digest();
  return String(hash.readUInt32BE(0) % groups);
}

/** The address, without a port, in one way of writing it. */
function addressIn(hop: string): string | undefined {
  const text = hop.trim();
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const mapped = /^::ffff:([\d.]+)$/i.exec(bare)?.[1] ?? bare;
  return isIP(mapped) === 0 ? undefined : mapped.toLowerCase();
}

/** The first 64 bits of an IPv6 address, in hexadecimal. */
function networkOf(address: string): string {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const all = [...front, ...Array<string>(zeros).fill('0'), ...back];
  return all
    .slice(0, 4)
    .map(part => Number.parseInt(part, 16).toString(16))
    .join(':');
}
